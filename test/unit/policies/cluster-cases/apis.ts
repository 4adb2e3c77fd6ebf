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

/** Rules about the API that objects are of. */
export const apiCases: Readonly<Record<string, ClusterCases>> = {
  "apis-not-removed": {
    kept: { "today's": [app("example")], "one that goes later": [of("resource.k8s.io/v1beta1", "ResourceClaim")] },
    broken: {
      "one that is gone": {
        objects: [of("policy/v1beta1", "PodSecurityPolicy"), of("batch/v1beta1", "CronJob"), app("example")],
        found: [
          "PodSecurityPolicy example apiVersion: got PodSecurityPolicy of policy/v1beta1, removed in Kubernetes 1.25 (this is 1.36.3): nothing took its place",
          "CronJob example apiVersion: got CronJob of batch/v1beta1, removed in Kubernetes 1.25 (this is 1.36.3): use batch/v1",
        ],
      },
      "one that goes later, later": {
        version: "1.38.0",
        objects: [of("resource.k8s.io/v1beta1", "ResourceClaim")],
        found: [
          "ResourceClaim example apiVersion: got ResourceClaim of resource.k8s.io/v1beta1, removed in Kubernetes 1.38 (this is 1.38.0): use resource.k8s.io/v1",
        ],
      },
    },
  },
  "apis-not-deprecated": {
    kept: { "today's": [app("example")], "one that is gone": [of("batch/v1beta1", "CronJob")] },
    broken: {
      "one that goes": {
        objects: [of("resource.k8s.io/v1beta1", "ResourceClaim"), of("v1", "Endpoints"), of("v1", "ComponentStatus")],
        found: [
          "ResourceClaim example apiVersion: got ResourceClaim of resource.k8s.io/v1beta1, deprecated since Kubernetes 1.35 and removed in 1.38: use resource.k8s.io/v1",
          "Endpoints example apiVersion: got Endpoints of v1, deprecated since Kubernetes 1.33: use discovery.k8s.io/v1 EndpointSlice",
          "ComponentStatus example apiVersion: got ComponentStatus of v1, deprecated since Kubernetes 1.19: nothing takes its place",
        ],
      },
    },
  },
  "matches-schema": {
    kept: {
      "a Deployment": [app("example")],
      "a number where a quantity or a port may be one": [
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
      "a pool, whose kind every cluster knows": [pool("a")],
      "a kind that K3s brings": [of("helm.cattle.io/v1", "HelmChart", { spec: { chart: "traefik" } })],
      "a kind that is defined beside it": [
        robots,
        of("example.com/v1", "Robot", {
          spec: { arms: 2, port: 80, free: { any: [1] }, template: of("v1", "Pod", { metadata: { name: "a" } }) },
        }),
      ],
      "a status that came along, and says not all": [
        { ...app("example"), status: { conditions: [{ type: "Available" }] } },
      ],
      "a removed API, which is another rule's": [of("batch/v1beta1", "CronJob", { spec: { wrong: true } })],
    },
    broken: {
      "misspelt and unknown fields": {
        objects: [
          app("example", { nodeSelektor: {}, containers: [{ name: "main", imgage: "a:1" }] }, { spec: { paws: 4 } }),
        ],
        found: [
          "Deployment example spec.paws: unknown field of DeploymentSpec, must be one of: minReadySeconds, paused, progressDeadlineSeconds, replicas, revisionHistoryLimit, selector, strategy, template",
          'Deployment example spec.template.spec.nodeSelektor: unknown field of PodSpec: did you mean "nodeSelector"?',
          'Deployment example spec.template.spec.containers[0].imgage: unknown field of Container: did you mean "image"?',
        ],
      },
      "wrong types, of which no value is shown": {
        objects: [
          app(
            "example",
            { containers: [{ name: "main", env: [{ name: "PIN", value: 1234 }], command: "run" }] },
            { spec: { replicas: "2", paused: 1, minReadySeconds: 1.5 } },
          ),
          of("v1", "Secret", { stringData: { password: 4321 }, data: { key: "not base64!" } }),
        ],
        found: [
          "Deployment example spec.minReadySeconds: got a fraction, must be a whole number",
          "Deployment example spec.paused: got a whole number, must be true or false",
          "Deployment example spec.replicas: got text, must be a whole number",
          "Deployment example spec.template.spec.containers[0].command: got text, must be a list",
          "Deployment example spec.template.spec.containers[0].env[0].value: got a whole number, must be text",
          "Secret example data.key: must be base64",
          "Secret example stringData.password: got a whole number, must be text",
        ],
      },
      "wrong forms, and what is missing": {
        objects: [
          app(
            "example",
            { containers: [{ image: "a:1", resources: { requests: { memory: "64MB" } } }] },
            { spec: { replicas: 2 ** 40, selector: undefined } },
          ),
        ],
        found: [
          "Deployment example spec.selector: missing: required by DeploymentSpec",
          "Deployment example spec.replicas: got 1099511627776, must be a 32-bit integer",
          "Deployment example spec.template.spec.containers[0].name: missing: required by Container",
          'Deployment example spec.template.spec.containers[0].resources.requests.memory: got "64MB", must be a quantity such as 250m, 64Mi or 2',
        ],
      },
      "unknown kinds": {
        objects: [
          of("apps/v1", "Deploymnt"),
          of("v1", "Deployment"),
          of("apps/v2", "StatefulSet"),
          of("app/v1", "DaemonSet"),
          of("example.com/v1", "Robot"),
          // Of the same names as Kubernetes' kinds, in groups of somebody else's.
          of("serving.knative.dev/v1", "Service"),
          of("crd.projectcalico.org/v1", "NetworkPolicy"),
          of("networking.istio.io/v1", "VirtualService"),
        ],
        found: [
          'Deploymnt example kind: unknown kind "Deploymnt" in apps/v1 of Kubernetes 1.36: did you mean "Deployment"?',
          'Deployment example apiVersion: got "v1", must be apps/v1 for kind Deployment in Kubernetes 1.36',
          'StatefulSet example apiVersion: got "apps/v2", must be apps/v1 for kind StatefulSet in Kubernetes 1.36',
          'DaemonSet example apiVersion: got "app/v1", must be apps/v1 for kind DaemonSet in Kubernetes 1.36',
          ...[
            ["Robot", "example.com/v1"],
            ["Service", "serving.knative.dev/v1"],
            ["NetworkPolicy", "crd.projectcalico.org/v1"],
            ["VirtualService", "networking.istio.io/v1"],
          ].map(
            ([kind, version]) =>
              `${kind} example apiVersion: unknown kind "${kind}" of "${version}": not in Kubernetes 1.36 and without CustomResourceDefinition; add its definition to the manifests or pass it with --crds`,
          ),
        ],
      },
      "what a definition refuses": {
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
        found: [
          "Robot example spec.legs: unknown field, must be one of: arms, free, note, port, speed, template",
          "Robot example spec.arms: got 0, must be at least 1",
          'Robot example spec.speed: got "fasst", must be one of: "slow", "fast": did you mean "fast"?',
          "Robot example spec.note: must match the pattern ^[a-z]+$",
          'Robot example spec.template.metadata.nam: unknown field of ObjectMeta: did you mean "name"?',
        ],
      },
      "a definition that itself is wrong": {
        objects: [definition({ type: "object", properties: { spec: { type: "object", propertys: {} } } })],
        found: [
          'CustomResourceDefinition robots.example.com spec.versions[0].schema.openAPIV3Schema.properties.spec.propertys: unknown field of JSONSchemaProps: did you mean "properties"?',
        ],
      },
      "a version that nobody knows": {
        version: "1.99.0",
        objects: [app("example"), app("other")],
        found: [
          "Deployment example : got Kubernetes 1.99.0, of which no schema is here, so that no object was checked: known are 1.34, 1.35, 1.36, 1.37",
        ],
      },
    },
  },
};
