import { ApiObject, type Chart, Size } from "cdk8s";

import * as placement from "../../../exports/placement";
import { rawWorkload } from "../support/placed-workloads";
import { name, rendered } from "../support/rendered-placement";

describe("other pods", () => {
  it("are selected by their workload's selector and namespace", () => {
    const { spec } = rendered((chart, workload) => {
      const pods = new ApiObject(chart, "broker", {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "broker", namespace: "mqtt" },
        spec: { selector: { matchLabels: { app: "broker" } }, template: { metadata: {}, spec: { containers: [] } } },
      });
      new placement.TogetherWith(chart, "with", { workload, pods, domain: "zone" });
      new placement.AwayFrom(chart, "from-each-other", { workload, pods: workload, required: false });
    });
    expect(spec.affinity).toEqual({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            labelSelector: { matchLabels: { app: "broker" } },
            namespaces: ["mqtt"],
            topologyKey: "topology.kubernetes.io/zone",
          },
        ],
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { labelSelector: { matchLabels: name }, topologyKey: "kubernetes.io/hostname" },
          },
        ],
      },
    });
  });

  it("may refer to each other", () => {
    const { spec } = rendered((chart, workload) => {
      const pods = rawWorkload(chart, "StatefulSet", "broker");
      new placement.TogetherWith(chart, "with", { workload, pods });
      new placement.TogetherWith(chart, "and-back", { workload: pods, pods: workload });
    });
    expect(spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  });
});

it("merges spreads over one domain and removes those that another implies", () => {
  const { spec } = rendered((chart, workload) => {
    new placement.SpreadAcrossZones(chart, "a", { workload, maxSkew: 3, minDomains: 2 });
    new placement.SpreadAcrossZones(chart, "b", { workload, maxSkew: 2, minDomains: 1 });
    new placement.SpreadAcrossZones(chart, "c", { workload, maxSkew: 2 });
    new placement.HighlyAvailable(chart, "d", { workload, replicas: 4 });
  });
  expect(spec.topologySpreadConstraints).toEqual([
    expect.objectContaining({ topologyKey: "topology.kubernetes.io/zone", maxSkew: 2, minDomains: 2 }),
    expect.objectContaining({ topologyKey: "kubernetes.io/hostname", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" }),
  ]);
});

it("Autonomous adds a volume claim to a StatefulSet and an emptyDir to other kinds", () => {
  const place = (chart: Chart, workload: ApiObject) =>
    void new placement.Autonomous(chart, "stays", { workload, data: { path: "/data", size: Size.gibibytes(2) } });
  const lost = ["not-ready", "unreachable"].map((each) => ({
    key: `node.kubernetes.io/${each}`,
    operator: "Exists",
    effect: "NoExecute",
  }));
  const set = rendered(place, { kind: "StatefulSet" });
  expect(set.spec.tolerations).toEqual(lost);
  expect(set.object.spec).toMatchObject({
    volumeClaimTemplates: [
      {
        metadata: { name: "local-data" },
        spec: { storageClassName: "local-path", resources: { requests: { storage: "2Gi" } } },
      },
    ],
  });
  const deployment = rendered(place);
  expect(deployment.spec.volumes).toContainEqual({ name: "local-data", emptyDir: { sizeLimit: "2Gi" } });
  for (const { spec } of [set, deployment]) {
    expect(spec.containers[0]!.volumeMounts).toContainEqual({ name: "local-data", mountPath: "/data" });
  }
});

it("HighlyAvailable writes replicas, a spread, a PodDisruptionBudget and a priority", () => {
  const { objects, object, spec } = rendered(
    (chart, workload) =>
      void new placement.HighlyAvailable(chart, "available", {
        workload,
        replicas: 3,
        maxUnavailable: 2,
        priority: "high",
      }),
  );
  expect(object.spec).toMatchObject({ replicas: 3 });
  expect(spec.priorityClassName).toBe("high");
  expect(spec.topologySpreadConstraints).toHaveLength(1);
  expect(objects.find(({ kind }) => kind === "PodDisruptionBudget")).toEqual({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "main", namespace: "default", labels: name },
    spec: { maxUnavailable: 2, selector: { matchLabels: name } },
  });
});

it("HighlyAvailable writes the loss that the workload survives to the object, so that a change restarts no pod", () => {
  const { object } = rendered(
    (chart, workload) =>
      void new placement.HighlyAvailable(chart, "available", {
        ...{ workload, replicas: 3, survives: { loss: "region", minAvailable: 2 } },
      }),
  );
  expect(object.metadata.annotations).toEqual({
    "skerry.dev/survives-loss-of": "region",
    "skerry.dev/min-available": "2",
  });
  expect(JSON.stringify(object.spec)).not.toContain("skerry.dev/");
});
