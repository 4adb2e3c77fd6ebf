import { container } from "../cases/case";
import { app, type ClusterCases } from "./case";

const named = (kind: string, name: string, rest: object = {}, namespace = "telemetry") => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace },
  ...rest,
});
const priority = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: "brokers" },
  value: 1000,
};
const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "telemetry" } };
const policy = (spec: object, name = "deny-all") => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace: "telemetry" },
  spec,
});
const config = named("ConfigMap", "settings", { data: { "app.yaml": "" } });

/** Rules about what objects refer to. */
export const referenceCases: Readonly<Record<string, ClusterCases>> = {
  "priority-classes-exist": {
    valid: {
      "no priority class": [app("example")],
      "a declared class": [priority, app("example", { priorityClassName: "brokers" })],
      "a built-in class": [app("example", { priorityClassName: "system-node-critical" })],
    },
    invalid: {
      "a misspelled name": {
        objects: [priority, app("example", { priorityClassName: "broker" })],
        violations: [
          'Deployment example spec.template.spec.priorityClassName: got "broker", known: brokers, system-cluster-critical, system-node-critical: did you mean "brokers"?',
        ],
      },
    },
  },
  "service-accounts-exist": {
    valid: {
      "the default account": [app("example"), app("other", { serviceAccountName: "default" })],
      "an account in the namespace": [
        named("ServiceAccount", "reader"),
        app("example", { serviceAccountName: "reader" }),
      ],
      "the deprecated field": [named("ServiceAccount", "reader"), app("example", { serviceAccount: "reader" })],
    },
    invalid: {
      "an account in another namespace": {
        objects: [named("ServiceAccount", "reader", {}, "other"), app("example", { serviceAccountName: "reader" })],
        violations: ['Deployment example spec.template.spec.serviceAccountName: got "reader", known: default'],
      },
      "the deprecated field": {
        objects: [app("example", { serviceAccount: "reader" })],
        violations: ['Deployment example spec.template.spec.serviceAccount: got "reader", known: default'],
      },
    },
  },
  "no-default-account-token": {
    valid: {
      "a default account that disables tokens": [
        named("ServiceAccount", "default", { automountServiceAccountToken: false }),
        app("example", { automountServiceAccountToken: null }),
      ],
      "a dedicated account": [
        named("ServiceAccount", "reader", { automountServiceAccountToken: true }),
        app("example", { automountServiceAccountToken: true, serviceAccountName: "reader" }),
      ],
    },
    invalid: {
      "a pod that enables the token, and a default account of another namespace": {
        objects: [
          named("ServiceAccount", "default", { automountServiceAccountToken: false }),
          named("ServiceAccount", "reader", { automountServiceAccountToken: false }),
          app("example", { automountServiceAccountToken: true }),
          { ...app("example", { automountServiceAccountToken: null }), metadata: { name: "other", namespace: "shop" } },
        ],
        violations: [
          "Deployment example spec.template.spec.automountServiceAccountToken: got true, must be false for a pod that uses the default service account",
          "Deployment other spec.template.spec.automountServiceAccountToken: got nothing, must be false for a pod that uses the default service account",
        ],
      },
    },
  },
  "names-valid": {
    valid: { "a Service, from 1.36 on": [{ apiVersion: "v1", kind: "Service", metadata: { name: "7up" } }] },
    invalid: {
      "a Service that starts with a digit, before 1.36": {
        version: "1.35.4",
        objects: [{ apiVersion: "v1", kind: "Service", metadata: { name: "7up" } }],
        violations: [
          'Service 7up metadata.name: got "7up", allowed are 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -',
        ],
      },
    },
  },
  "config-maps-exist": {
    valid: {
      "existing and optional ConfigMaps": [
        config,
        app("example", {
          volumes: [
            { name: "a", configMap: { name: "settings" } },
            { name: "b", projected: { sources: [{ configMap: { name: "kube-root-ca.crt" } }] } },
          ],
          containers: [
            container({
              env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "app.yaml" } } }],
              envFrom: [{ configMapRef: { name: "maybe", optional: true } }],
            }),
          ],
        }),
      ],
    },
    invalid: {
      "unknown ConfigMaps": {
        objects: [
          config,
          app("example", {
            volumes: [
              { name: "a", configMap: { name: "setings" } },
              { name: "b", projected: { sources: [{ configMap: { name: "other" } }] } },
            ],
            containers: [container({ envFrom: [{ configMapRef: { name: "more" } }] })],
          }),
        ],
        violations: [
          'Deployment example spec.template.spec.volumes[0].configMap.name: got "setings", known: settings: did you mean "settings"?',
          'Deployment example spec.template.spec.volumes[1].projected.sources[0].configMap.name: got "other", known: settings',
          'Deployment example spec.template.spec.containers[0].envFrom[0].configMapRef.name: got "more", known: settings',
        ],
      },
      "an unknown key": {
        objects: [
          config,
          app("example", {
            containers: [
              container({
                env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "app.yml" } } }],
              }),
            ],
          }),
        ],
        violations: [
          'Deployment example spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key: got "app.yml", known: app.yaml: did you mean "app.yaml"? (of ConfigMap settings)',
        ],
      },
    },
  },
  "namespaces-exist": {
    valid: {
      "a declared namespace": [namespace, app("example")],
      "a built-in namespace": [named("ConfigMap", "a", {}, "kube-system")],
      "an object without a namespace": [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }],
    },
    invalid: {
      "an unknown namespace, reported once": {
        objects: [namespace, named("ConfigMap", "a", {}, "telemetri"), named("ConfigMap", "b", {}, "telemetri")],
        violations: [
          'ConfigMap a metadata.namespace: got "telemetri", known: default, kube-node-lease, kube-public, kube-system, telemetry: did you mean "telemetry"?',
        ],
      },
    },
  },
  "object-ids-unique": {
    valid: {
      "equal names in other kinds, namespaces and groups": [
        app("example"),
        named("Service", "example"),
        named("Service", "example", {}, "other"),
        { ...named("Service", "example"), apiVersion: "serving.knative.dev/v1" },
      ],
    },
    invalid: {
      "duplicate objects": {
        objects: [
          app("example"),
          { ...app("example"), apiVersion: "apps/v1beta1" },
          named("ConfigMap", "a", {}, "default"),
          { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
        ],
        violations: [
          "Deployment example metadata.name: duplicate object Deployment telemetry/example",
          "ConfigMap a metadata.name: duplicate object ConfigMap a",
        ],
      },
    },
  },
  "network-policies-present": {
    valid: {
      "a policy for the whole namespace": [app("example"), policy({ podSelector: {}, policyTypes: ["Ingress"] })],
      "a policy without policyTypes": [app("example"), policy({ podSelector: { matchLabels: { app: "example" } } })],
      "no pods": [namespace],
      "a host-network pod, which no-host-namespaces reports": [app("example", { hostNetwork: true })],
    },
    invalid: {
      "a policy that selects other pods": {
        objects: [app("example"), policy({ podSelector: { matchLabels: { app: "other" } } })],
        violations: ["Deployment example : no NetworkPolicy for ingress in namespace telemetry selects the pods"],
      },
      "a policy for egress": {
        objects: [app("example"), policy({ podSelector: {}, policyTypes: ["Egress"] })],
        violations: ["Deployment example : no NetworkPolicy for ingress in namespace telemetry selects the pods"],
      },
    },
  },
};
