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
    kept: {
      none: [app("example")],
      "one of the cluster's": [priority, app("example", { priorityClassName: "brokers" })],
      "one of Kubernetes'": [app("example", { priorityClassName: "system-node-critical" })],
    },
    broken: {
      "a misspelt one": {
        objects: [priority, app("example", { priorityClassName: "broker" })],
        found: [
          'Deployment example spec.template.spec.priorityClassName: unknown priority class "broker": did you mean "brokers"? (must be one of: brokers, system-cluster-critical, system-node-critical)',
        ],
      },
    },
  },
  "service-accounts-exist": {
    kept: {
      "the default one": [app("example"), app("other", { serviceAccountName: "default" })],
      "one of the namespace": [named("ServiceAccount", "reader"), app("example", { serviceAccountName: "reader" })],
      "one by the field's old name": [named("ServiceAccount", "reader"), app("example", { serviceAccount: "reader" })],
    },
    broken: {
      "one of another namespace": {
        objects: [named("ServiceAccount", "reader", {}, "other"), app("example", { serviceAccountName: "reader" })],
        found: [
          'Deployment example spec.template.spec.serviceAccountName: unknown service account "reader" (must be default)',
        ],
      },
      "one by the field's old name": {
        objects: [app("example", { serviceAccount: "reader" })],
        found: [
          'Deployment example spec.template.spec.serviceAccount: unknown service account "reader" (must be default)',
        ],
      },
    },
  },
  "api-token-wanted": {
    kept: {
      "turned off by the default account": [
        named("ServiceAccount", "default", { automountServiceAccountToken: false }),
        app("example", { automountServiceAccountToken: null }),
      ],
      "an account of its own": [
        named("ServiceAccount", "reader", { automountServiceAccountToken: true }),
        app("example", { automountServiceAccountToken: true, serviceAccountName: "reader" }),
      ],
    },
    broken: {
      "turned on again by the pod, or turned off elsewhere": {
        objects: [
          named("ServiceAccount", "default", { automountServiceAccountToken: false }),
          named("ServiceAccount", "reader", { automountServiceAccountToken: false }),
          app("example", { automountServiceAccountToken: true }),
          { ...app("example", { automountServiceAccountToken: null }), metadata: { name: "other", namespace: "shop" } },
        ],
        found: [
          "Deployment example spec.template.spec.automountServiceAccountToken: mounts the token of the default account, allowed are false and an account of its own",
          "Deployment other spec.template.spec.automountServiceAccountToken: mounts the token of the default account, allowed are false and an account of its own",
        ],
      },
    },
  },
  "names-valid": {
    kept: { "a Service, from 1.36 on": [{ apiVersion: "v1", kind: "Service", metadata: { name: "7up" } }] },
    broken: {
      "a Service that begins with a digit, before 1.36": {
        version: "1.35.4",
        objects: [{ apiVersion: "v1", kind: "Service", metadata: { name: "7up" } }],
        found: [
          'Service 7up metadata.name: must be 1 to 63 of a-z, 0-9 and -, starting with a letter and ending with a letter or digit, got "7up"',
        ],
      },
    },
  },
  "config-maps-exist": {
    kept: {
      "those that are there": [
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
    broken: {
      "those that are not": {
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
        found: [
          'Deployment example spec.template.spec.volumes[0].configMap.name: unknown ConfigMap "setings": did you mean "settings"? (must be settings)',
          'Deployment example spec.template.spec.volumes[1].projected.sources[0].configMap.name: unknown ConfigMap "other" (must be settings)',
          'Deployment example spec.template.spec.containers[0].envFrom[0].configMapRef.name: unknown ConfigMap "more" (must be settings)',
        ],
      },
      "an entry that is not": {
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
        found: [
          'Deployment example spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key: unknown key "app.yml": did you mean "app.yaml"? (must be app.yaml) (of ConfigMap settings)',
        ],
      },
    },
  },
  "namespaces-exist": {
    kept: {
      "one of the objects": [namespace, app("example")],
      "one of Kubernetes'": [named("ConfigMap", "a", {}, "kube-system")],
      "none stated": [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }],
    },
    broken: {
      "one that nobody declares, said once": {
        objects: [namespace, named("ConfigMap", "a", {}, "telemetri"), named("ConfigMap", "b", {}, "telemetri")],
        found: [
          'ConfigMap a metadata.namespace: unknown namespace "telemetri": did you mean "telemetry"? (must be one of: default, kube-node-lease, kube-public, kube-system, telemetry)',
        ],
      },
    },
  },
  "object-ids-unique": {
    kept: {
      "other kinds, namespaces and groups": [
        app("example"),
        named("Service", "example"),
        named("Service", "example", {}, "other"),
        { ...named("Service", "example"), apiVersion: "serving.knative.dev/v1" },
      ],
    },
    broken: {
      "the same twice": {
        objects: [
          app("example"),
          { ...app("example"), apiVersion: "apps/v1beta1" },
          named("ConfigMap", "a", {}, "default"),
          { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
        ],
        found: [
          "Deployment example metadata.name: Deployment telemetry/example is stated more than once",
          "ConfigMap a metadata.name: ConfigMap a is stated more than once",
        ],
      },
    },
  },
  "network-policies-present": {
    kept: {
      "one for the whole namespace": [app("example"), policy({ podSelector: {}, policyTypes: ["Ingress"] })],
      "one for the pod, of no stated type": [
        app("example"),
        policy({ podSelector: { matchLabels: { app: "example" } } }),
      ],
      "no pod": [namespace],
      "the node's own network, which is another rule's": [app("example", { hostNetwork: true })],
    },
    broken: {
      "none, or one of others": {
        objects: [app("example"), policy({ podSelector: { matchLabels: { app: "other" } } })],
        found: ["Deployment example : no NetworkPolicy of namespace telemetry selects its pods for what comes in"],
      },
      "one for what goes out": {
        objects: [app("example"), policy({ podSelector: {}, policyTypes: ["Egress"] })],
        found: ["Deployment example : no NetworkPolicy of namespace telemetry selects its pods for what comes in"],
      },
    },
  },
};
