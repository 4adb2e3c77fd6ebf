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
const noReplicas = { spec: { replicas: undefined } };

/** Examples for the rules about availability. */
export const availabilityCases: Readonly<Record<string, ClusterCases>> = {
  "replicas-spread": {
    valid: {
      "a single pod": [app("example")],
      "an autoscaler with a minimum of one pod": [app("example", {}, two), autoscaler({})],
      "a topology spread constraint": [
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
      "pod anti-affinity": [
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
      "a Job": [app("example", {}, { kind: "Job", spec: { parallelism: 3 } })],
    },
    invalid: {
      "an autoscaler": {
        objects: [app("example", {}, noReplicas), autoscaler({ minReplicas: 3 })],
        violations: [
          "Deployment example spec.template.spec.topologySpreadConstraints: has 3 replicas (minReplicas of HorizontalPodAutoscaler example), which may all run on one node",
        ],
      },
      "no constraint": {
        objects: [app("example", {}, two)],
        violations: [
          "Deployment example spec.template.spec.topologySpreadConstraints: has 2 replicas, which may all run on one node",
        ],
      },
      "a constraint that selects other pods": {
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
        violations: [
          "Deployment example spec.template.spec.topologySpreadConstraints[0].labelSelector: must select the workload's own pods",
        ],
      },
    },
  },
  "replicas-have-budget": {
    valid: {
      "a single pod": [app("example")],
      "a budget": [app("example", {}, two), budget({ maxUnavailable: 1 })],
      "an autoscaler of another object": [
        app("example"),
        autoscaler({ minReplicas: 3 }, { kind: "StatefulSet" }),
        autoscaler({ minReplicas: 3 }, { name: "other" }),
        autoscaler({ minReplicas: 3 }, { apiVersion: "example.dev/v1" }),
      ],
      "a budget with a match expression": [
        app("example", {}, two),
        budget({ selector: { matchExpressions: [{ key: "app", operator: "In", values: ["example", "other"] }] } }),
      ],
      "a budget for the whole namespace": [app("example", {}, two), budget({ selector: {} })],
    },
    invalid: {
      "an autoscaler": {
        objects: [app("example"), autoscaler({ minReplicas: 2 })],
        violations: [
          "Deployment example spec.replicas: has 2 replicas (minReplicas of HorizontalPodAutoscaler example), but no PodDisruptionBudget in namespace telemetry selects them",
        ],
      },
      "no budget": {
        objects: [
          app("example", {}, two),
          app("other", {}, { kind: "StatefulSet", ...two }),
          budget({ maxUnavailable: 1 }),
        ],
        violations: [
          "StatefulSet other spec.replicas: has 2 replicas, but no PodDisruptionBudget in namespace telemetry selects them",
        ],
      },
      "a budget in another namespace": {
        objects: [
          app("example", {}, two),
          { ...budget({ maxUnavailable: 1 }), metadata: { name: "example", namespace: "other" } },
        ],
        violations: [
          "Deployment example spec.replicas: has 2 replicas, but no PodDisruptionBudget in namespace telemetry selects them",
        ],
      },
    },
  },
  "budgets-allow-drains": {
    valid: {
      "maxUnavailable of 1": [app("example", {}, two), budget({ maxUnavailable: 1 })],
      "minAvailable below the replicas": [app("example", {}, two), budget({ minAvailable: 1 })],
      "minAvailable below an autoscaler's minimum": [
        app("example", {}, noReplicas),
        autoscaler({ minReplicas: 3 }),
        budget({ minAvailable: 1 }),
      ],
      "a workload with 0 replicas, which disables its autoscaler": [
        app("example", {}, { spec: { replicas: 0 } }),
        autoscaler({ minReplicas: 1 }),
        budget({ minAvailable: 1 }),
      ],
      "a percentage of minAvailable that is rounded up": [
        app("example", {}, { spec: { replicas: 3 } }),
        budget({ minAvailable: "50%" }),
      ],
      "a percentage of maxUnavailable that is rounded up to 1": [
        app("example", {}, two),
        budget({ maxUnavailable: "10%" }),
      ],
      "a budget without pods": [budget({ minAvailable: 3 })],
      "a DaemonSet, which drains skip": [app("example", {}, { kind: "DaemonSet" }), budget({ minAvailable: 1 })],
    },
    invalid: {
      "maxUnavailable of 0": {
        objects: [
          app("example", {}, two),
          budget({ maxUnavailable: 0 }, "one"),
          budget({ maxUnavailable: "0%" }, "two"),
        ],
        violations: [
          "PodDisruptionBudget one spec.maxUnavailable: got 0, must be at least 1",
          'PodDisruptionBudget two spec.maxUnavailable: got "0%", must be at least 1',
        ],
      },
      "minAvailable equal to the replicas": {
        objects: [
          app("example", {}, two),
          budget({ minAvailable: 2 }, "one"),
          budget({ minAvailable: "100%" }, "two"),
          budget({ minAvailable: "51%" }, "three"),
        ],
        violations: [
          "PodDisruptionBudget one spec.minAvailable: got 2, must allow the eviction of at least one of 2 pods",
          'PodDisruptionBudget two spec.minAvailable: got "100%", must allow the eviction of at least one of 2 pods',
          'PodDisruptionBudget three spec.minAvailable: got "51%", must allow the eviction of at least one of 2 pods',
        ],
      },
      "minAvailable equal to an autoscaler's minimum": {
        objects: [
          app("example", {}, { spec: { replicas: 5 } }),
          autoscaler({ minReplicas: 2 }),
          budget({ minAvailable: 2 }),
        ],
        violations: [
          "PodDisruptionBudget example spec.minAvailable: got 2, must allow the eviction of at least one of 2 pods",
        ],
      },
      "minAvailable of 1 for a single pod": {
        objects: [app("example"), budget({ minAvailable: 1 })],
        violations: [
          "PodDisruptionBudget example spec.minAvailable: got 1, must allow the eviction of at least one of 1 pod",
        ],
      },
    },
  },
};
