import { app, type ClusterCases } from "./case";

const labelSelector = { matchLabels: { app: "example" } };
const two = { spec: { replicas: 2 } };

const budget = (spec: object, name = "example") => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name, namespace: "telemetry" },
  spec: { selector: labelSelector, ...spec },
});

const autoscaler = (spec: object, target: object = {}) => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "example", namespace: "telemetry" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1beta2", kind: "Deployment", name: "example", ...target },
    maxReplicas: 9,
    ...spec,
  },
});
const unstated = { spec: { replicas: undefined } };

/** Rules about what goes on when a node does not. */
export const availabilityCases: Readonly<Record<string, ClusterCases>> = {
  "replicas-spread": {
    kept: {
      "a single pod": [app("example")],
      "an autoscaler that keeps one pod": [app("example", {}, two), autoscaler({})],
      "a spread": [
        app(
          "example",
          {
            topologySpreadConstraints: [
              { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector },
            ],
          },
          two,
        ),
      ],
      "pods that avoid each other": [
        app(
          "example",
          {
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  { weight: 1, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector } },
                ],
              },
            },
          },
          { kind: "StatefulSet", ...two },
        ),
      ],
      "a Job, whose pods end": [app("example", {}, { kind: "Job", spec: { parallelism: 3 } })],
    },
    broken: {
      "an autoscaler": {
        objects: [app("example", {}, unstated), autoscaler({ minReplicas: 3 })],
        found: [
          "Deployment example spec.template.spec.topologySpreadConstraints: has 3 replicas (minReplicas of HorizontalPodAutoscaler example), which may all run on one node",
        ],
      },
      "nothing said": {
        objects: [app("example", {}, two)],
        found: [
          "Deployment example spec.template.spec.topologySpreadConstraints: has 2 replicas, which may all run on one node",
        ],
      },
      "a spread of others": {
        objects: [
          app(
            "example",
            {
              topologySpreadConstraints: [
                {
                  maxSkew: 1,
                  topologyKey: "kubernetes.io/hostname",
                  whenUnsatisfiable: "DoNotSchedule",
                  labelSelector: { matchLabels: { app: "other" } },
                },
              ],
            },
            two,
          ),
        ],
        found: [
          "Deployment example spec.template.spec.topologySpreadConstraints[0].labelSelector: must select the workload's own pods",
        ],
      },
    },
  },
  "replicas-have-budget": {
    kept: {
      "a single pod": [app("example")],
      "a budget": [app("example", {}, two), budget({ maxUnavailable: 1 })],
      "an autoscaler of another object": [
        app("example"),
        autoscaler({ minReplicas: 3 }, { kind: "StatefulSet" }),
        autoscaler({ minReplicas: 3 }, { name: "other" }),
        autoscaler({ minReplicas: 3 }, { apiVersion: "example.dev/v1" }),
      ],
      "a budget by an expression": [
        app("example", {}, two),
        budget({ selector: { matchExpressions: [{ key: "app", operator: "In", values: ["example", "other"] }] } }),
      ],
      "a budget of the whole namespace": [app("example", {}, two), budget({ selector: {} })],
    },
    broken: {
      "an autoscaler": {
        objects: [app("example"), autoscaler({ minReplicas: 2 })],
        found: [
          "Deployment example spec.replicas: has 2 replicas (minReplicas of HorizontalPodAutoscaler example), but no PodDisruptionBudget in namespace telemetry selects them",
        ],
      },
      "no budget": {
        objects: [
          app("example", {}, two),
          app("other", {}, { kind: "StatefulSet", ...two }),
          budget({ maxUnavailable: 1 }),
        ],
        found: [
          "StatefulSet other spec.replicas: has 2 replicas, but no PodDisruptionBudget in namespace telemetry selects them",
        ],
      },
      "a budget of another namespace": {
        objects: [
          app("example", {}, two),
          { ...budget({ maxUnavailable: 1 }), metadata: { name: "example", namespace: "other" } },
        ],
        found: [
          "Deployment example spec.replicas: has 2 replicas, but no PodDisruptionBudget in namespace telemetry selects them",
        ],
      },
    },
  },
  "budgets-allow-drains": {
    kept: {
      "one may go": [app("example", {}, two), budget({ maxUnavailable: 1 })],
      "one stays": [app("example", {}, two), budget({ minAvailable: 1 })],
      "one stays of those that an autoscaler keeps": [
        app("example", {}, unstated),
        autoscaler({ minReplicas: 3 }),
        budget({ minAvailable: 1 }),
      ],
      "of none, which an autoscaler leaves alone": [
        app("example", {}, { spec: { replicas: 0 } }),
        autoscaler({ minReplicas: 1 }),
        budget({ minAvailable: 1 }),
      ],
      "half of them, rounded up": [app("example", {}, { spec: { replicas: 3 } }), budget({ minAvailable: "50%" })],
      "a share that is rounded up to one": [app("example", {}, two), budget({ maxUnavailable: "10%" })],
      "of pods that are not here": [budget({ minAvailable: 3 })],
      "of a DaemonSet, which drains leave alone": [
        app("example", {}, { kind: "DaemonSet" }),
        budget({ minAvailable: 1 }),
      ],
    },
    broken: {
      "none may go": {
        objects: [
          app("example", {}, two),
          budget({ maxUnavailable: 0 }, "one"),
          budget({ maxUnavailable: "0%" }, "two"),
        ],
        found: [
          "PodDisruptionBudget one spec.maxUnavailable: got 0, must be at least 1",
          'PodDisruptionBudget two spec.maxUnavailable: got "0%", must be at least 1',
        ],
      },
      "all must stay": {
        objects: [
          app("example", {}, two),
          budget({ minAvailable: 2 }, "one"),
          budget({ minAvailable: "100%" }, "two"),
          budget({ minAvailable: "51%" }, "three"),
        ],
        found: [
          "PodDisruptionBudget one spec.minAvailable: got 2, must allow the eviction of at least one of 2 pods",
          'PodDisruptionBudget two spec.minAvailable: got "100%", must allow the eviction of at least one of 2 pods',
          'PodDisruptionBudget three spec.minAvailable: got "51%", must allow the eviction of at least one of 2 pods',
        ],
      },
      "all that an autoscaler keeps at least": {
        objects: [
          app("example", {}, { spec: { replicas: 5 } }),
          autoscaler({ minReplicas: 2 }),
          budget({ minAvailable: 2 }),
        ],
        found: ["PodDisruptionBudget example spec.minAvailable: got 2, must allow the eviction of at least one of 2 pods"],
      },
      "the only pod": {
        objects: [app("example"), budget({ minAvailable: 1 })],
        found: ["PodDisruptionBudget example spec.minAvailable: got 1, must allow the eviction of at least one of 1 pod"],
      },
    },
  },
};
