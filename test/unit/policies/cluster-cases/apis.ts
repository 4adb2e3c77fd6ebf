import { app, type ClusterCases, pool } from "./case";

const of = (apiVersion: string, kind: string, rest: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name: "example" },
  ...rest,
});
const definition = (schema: object) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "robots.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Robot", plural: "robots" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
});
const robots = definition({
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["arms", "speed"],
      properties: {
        arms: { type: "integer", minimum: 1 },
        speed: { type: "string", default: "slow", enum: ["slow", "fast"] },
        port: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        note: { type: "string", nullable: true, pattern: "^[a-z]+$" },
        template: { type: "object", "x-kubernetes-embedded-resource": true },
      },
    },
  },
});

/** Examples for the rules about API versions and schemas. */
export const apiCases: Readonly<Record<string, ClusterCases>> = {
  "no-removed-apis": {
    valid: {
      "a current API version": [app("example")],
      "an API version that a later Kubernetes version removes": [of("resource.k8s.io/v1beta1", "ResourceClaim")],
    },
    invalid: {
      "removed API versions": {
        objects: [of("policy/v1beta1", "PodSecurityPolicy"), of("batch/v1beta1", "CronJob"), app("example")],
        violations: [
          "PodSecurityPolicy example apiVersion: policy/v1beta1 PodSecurityPolicy is unavailable in v1.25+ (the cluster runs v1.36.3); it has no replacement",
          "CronJob example apiVersion: batch/v1beta1 CronJob is unavailable in v1.25+ (the cluster runs v1.36.3); use batch/v1",
        ],
      },
      "an API version that the given Kubernetes version removes": {
        version: "1.38.0",
        objects: [of("resource.k8s.io/v1beta1", "ResourceClaim")],
        violations: [
          "ResourceClaim example apiVersion: resource.k8s.io/v1beta1 ResourceClaim is unavailable in v1.38+ (the cluster runs v1.38.0); use resource.k8s.io/v1",
        ],
      },
    },
  },
  "no-deprecated-apis": {
    valid: { "a current API version": [app("example")], "removed API versions": [of("batch/v1beta1", "CronJob")] },
    invalid: {
      "deprecated API versions": {
        objects: [of("resource.k8s.io/v1beta1", "ResourceClaim"), of("v1", "Endpoints"), of("v1", "ComponentStatus")],
        violations: [
          "ResourceClaim example apiVersion: resource.k8s.io/v1beta1 ResourceClaim is deprecated in v1.35+, unavailable in v1.38+; use resource.k8s.io/v1",
          "Endpoints example apiVersion: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
          "ComponentStatus example apiVersion: v1 ComponentStatus is deprecated in v1.19+; it has no replacement",
        ],
      },
    },
  },
  "matches-schema": {
    valid: {
      "a Deployment": [app("example")],
      "numbers as quantities and ports": [
        app("example", {
          containers: [
            {
              name: "main",
              image: "a:1",
              resources: { requests: { cpu: 2, memory: "1e3" } },
              livenessProbe: { httpGet: { port: 80 } },
              readinessProbe: { httpGet: { port: "http" } },
            },
          ],
        }),
      ],
      "a FleetNodePool, whose definition is built in": [pool("a")],
      "a kind that K3s installs": [of("helm.cattle.io/v1", "HelmChart", { spec: { chart: "traefik" } })],
      "a custom kind with its definition": [
        robots,
        of("example.com/v1", "Robot", {
          spec: { arms: 2, port: 80, free: { any: [1] }, template: of("v1", "Pod", { metadata: { name: "a" } }) },
        }),
      ],
      "an incomplete status": [{ ...app("example"), status: { conditions: [{ type: "Available" }] } }],
      "a removed API version, which no-removed-apis reports": [
        of("batch/v1beta1", "CronJob", { spec: { wrong: true } }),
      ],
    },
    invalid: {
      "misspelled and unknown fields": {
        objects: [
          app("example", { nodeSelektor: {}, containers: [{ name: "main", imgage: "a:1" }] }, { spec: { paws: 4 } }),
        ],
        violations: [
          "Deployment example spec.paws: unknown field of DeploymentSpec, known: minReadySeconds, paused, progressDeadlineSeconds, replicas, revisionHistoryLimit, selector, strategy, template",
          'Deployment example spec.template.spec.nodeSelektor: unknown field of PodSpec: did you mean "nodeSelector"?',
          'Deployment example spec.template.spec.containers[0].imgage: unknown field of Container: did you mean "image"?',
        ],
      },
      "wrong types, without quoting values": {
        objects: [
          app(
            "example",
            { containers: [{ name: "main", env: [{ name: "PIN", value: 1234 }], command: "run" }] },
            { spec: { replicas: "2", paused: 1, minReadySeconds: 1.5 } },
          ),
          of("v1", "Secret", { stringData: { password: 4321 }, data: { key: "not base64!" } }),
        ],
        violations: [
          "Deployment example spec.minReadySeconds: got a fraction, allowed is a whole number",
          "Deployment example spec.paused: got a whole number, allowed is true or false",
          "Deployment example spec.replicas: got text, allowed is a whole number",
          "Deployment example spec.template.spec.containers[0].command: got text, allowed is a list",
          "Deployment example spec.template.spec.containers[0].env[0].value: got a whole number, allowed is text",
          "Secret example data.key: is not base64",
          "Secret example stringData.password: got a whole number, allowed is text",
        ],
      },
      "invalid formats and missing fields": {
        objects: [
          app(
            "example",
            { containers: [{ image: "a:1", resources: { requests: { memory: "64MB" } } }] },
            { spec: { replicas: 2 ** 40, selector: undefined } },
          ),
        ],
        violations: [
          "Deployment example spec.selector: missing: DeploymentSpec needs it",
          "Deployment example spec.replicas: got 1099511627776, allowed is a whole number of 32 bits",
          "Deployment example spec.template.spec.containers[0].name: missing: Container needs it",
          'Deployment example spec.template.spec.containers[0].resources.requests.memory: got "64MB", allowed is a quantity, as 250m, 64Mi or 2',
        ],
      },
      "unknown kinds": {
        objects: [
          of("apps/v1", "Deploymnt"),
          of("v1", "Deployment"),
          of("apps/v2", "StatefulSet"),
          of("app/v1", "DaemonSet"),
          of("example.com/v1", "Robot"),
          // Kinds with the names of Kubernetes kinds, in foreign API groups.
          of("serving.knative.dev/v1", "Service"),
          of("crd.projectcalico.org/v1", "NetworkPolicy"),
          of("networking.istio.io/v1", "VirtualService"),
        ],
        violations: [
          'Deploymnt example kind: got "Deploymnt", which apps/v1 does not have in Kubernetes 1.36: did you mean "Deployment"?',
          'Deployment example apiVersion: got Deployment of "v1": Kubernetes 1.36 and the definitions here have it in apps/v1',
          'StatefulSet example apiVersion: got StatefulSet of "apps/v2": Kubernetes 1.36 and the definitions here have it in apps/v1',
          'DaemonSet example apiVersion: got DaemonSet of "app/v1": Kubernetes 1.36 and the definitions here have it in apps/v1',
          ...[
            ["Robot", "example.com/v1"],
            ["Service", "serving.knative.dev/v1"],
            ["NetworkPolicy", "crd.projectcalico.org/v1"],
            ["VirtualService", "networking.istio.io/v1"],
          ].map(
            ([kind, version]) =>
              `${kind} example apiVersion: got "${kind}" of "${version}", which neither Kubernetes 1.36 nor a CustomResourceDefinition here defines: add its definition to the manifests, or name it with --crds`,
          ),
        ],
      },
      "custom resources that violate their definition": {
        objects: [
          robots,
          of("example.com/v1", "Robot", {
            spec: {
              arms: 0,
              speed: "fasst",
              legs: 2,
              note: "A",
              template: of("v1", "Pod", { metadata: { nam: "a" } }),
            },
          }),
        ],
        violations: [
          "Robot example spec.legs: unknown field, known: arms, free, note, port, speed, template",
          "Robot example spec.arms: got 0, must be at least 1",
          'Robot example spec.speed: got "fasst", allowed are "slow", "fast": did you mean "fast"?',
          "Robot example spec.note: has a form that its kind does not allow, which is ^[a-z]+$",
          'Robot example spec.template.metadata.nam: unknown field of ObjectMeta: did you mean "name"?',
        ],
      },
      "an invalid definition": {
        objects: [definition({ type: "object", properties: { spec: { type: "object", propertys: {} } } })],
        violations: [
          'CustomResourceDefinition robots.example.com spec.versions[0].schema.openAPIV3Schema.properties.spec.propertys: unknown field of JSONSchemaProps: did you mean "properties"?',
        ],
      },
      "an unsupported Kubernetes version": {
        version: "1.99.0",
        objects: [app("example"), app("other")],
        violations: [
          "Deployment example : got Kubernetes 1.99.0, must be one of 1.34, 1.35, 1.36, 1.37; no object was checked against a schema",
        ],
      },
    },
  },
};
