import { annotations } from "../../../fleet/labels";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { collectDrills } from "../../../preview/drills/drills";
import type { DrillReport, Outcome } from "../../../preview/simulator/protocol";
import type { DrillResult, IntentViolation } from "../../../preview/report";
import { deployment, outcome, pod, simulation } from "./reports";

const drill = { region: "tokyo" };
const displaced: DrillReport["displaced"] = [
  { namespace: "app", name: "a", node: "tokyo-1", fate: "Rescheduled", afterSeconds: 340, to: "osaka-1" },
  { namespace: "app", name: "b", node: "tokyo-2", fate: "Rescheduled", afterSeconds: 345, to: "osaka-1" },
  { namespace: "app", name: "c", node: "tokyo-2", fate: "Unplaceable" },
];

const NODES: readonly KubeObject[] = ["tokyo-1", "tokyo-2", "osaka-1"].map((name) => {
  const region = name.split("-")[0]!;
  const own = { "kubernetes.io/hostname": name, "edge-region": region, "topology.kubernetes.io/region": region };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: own } };
});

/** Runs one drill on a cluster whose state is the same before and after the change, unless `before` is another one. */
function collect(objects: readonly KubeObject[], after: Outcome, before = after, earlier = objects): DrillResult {
  const state = (list: readonly KubeObject[]) => ({ nodes: NODES, objects: list, schedulerConfigurations: [] });
  const cluster = { before: state(earlier), after: state(objects), report: simulation(before, after) };
  return collectDrills([after.drills![0]!.drill], [cluster])[0]!;
}

const budget = (spec: Record<string, unknown>): KubeObject => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { namespace: "app", name: "web" },
  spec: { selector: { matchLabels: { app: "web" } }, ...spec },
});

/** Three pods in two regions, two of which a drill displaces: `b` to Osaka, `c` as `fate` says. */
function lose(report: Partial<DrillReport> = {}, desired = 3): Outcome {
  const fates: DrillReport["displaced"] = [
    { namespace: "app", name: "b", node: "tokyo-1", fate: "Rescheduled", afterSeconds: 300, to: "osaka-1" },
    { namespace: "app", name: "c", node: "tokyo-2", fate: "Unplaceable", afterSeconds: 310 },
  ];
  return outcome([pod("a", "osaka-1"), pod("b", "tokyo-1"), pod("c", "tokyo-2")], {
    workloads: [{ kind: "Deployment", namespace: "app", name: "web", desired, available: 3, complete: true }],
    drills: [{ drill, nodes: ["tokyo-1", "tokyo-2"], detectionSeconds: 50, displaced: fates, ...report }],
  });
}

/** What is left of each violated intent, by path. */
const states = ({ violations }: DrillResult): Record<string, IntentViolation["after"]> =>
  Object.fromEntries(violations.map(({ path, after }) => [path, after]));

it("counts displaced pods by region and fate, with the time from the loss to the eviction of the last", () => {
  const after = outcome([], { drills: [{ drill, detectionSeconds: 50, displaced }] });
  expect(collect([], after).displaced).toEqual([
    { cluster: "east", from: "tokyo", fate: "Unplaceable", pods: 1 },
    { cluster: "east", from: "tokyo", to: "osaka", fate: "Rescheduled", pods: 2, afterSeconds: 395 },
  ]);
});

it("says what keeps running, and that the control plane is lost", () => {
  const preempted = [{ namespace: "app", name: "a", node: "osaka-1", reason: "Preempted" }];
  const volumes = [{ namespace: "app", claim: "data-db-0", node: "tokyo-1" }];
  const { clusters, volumes: lost } = collect([], lose({ preempted, volumes, controlPlaneLost: true }));
  expect(clusters).toEqual([
    {
      cluster: "east",
      nodes: { lost: 2, left: 1 },
      pods: { total: 3, kept: 1 },
      controlPlaneLost: true,
      preempted: 1,
    },
  ]);
  expect(lost).toEqual([{ cluster: "east", ...volumes[0] }]);
});

it("reports an error only if the drill ran nowhere, neither before nor after the change", () => {
  const failed = outcome([], { drills: [{ drill, error: "no such region" }] });
  const fine = outcome([], { drills: [{ drill, displaced }] });
  const errors = (...reports: (readonly [Outcome, Outcome])[]): readonly string[] => {
    const after = { nodes: NODES, objects: [], schedulerConfigurations: [] };
    const clusters = reports.map(([one, other]) => ({ before: after, after, report: simulation(one, other) }));
    return collectDrills([drill], clusters)[0]!.errors;
  };
  expect(errors([failed, failed], [fine, fine])).toEqual([]);
  expect(errors([fine, failed])).toEqual([]);
  expect(errors([failed, failed])).toEqual(["east: no such region"]);
});

describe("a PodDisruptionBudget", () => {
  const web = deployment("web");

  it.each([
    ["spec.minAvailable", { minAvailable: 2 }, { requires: 2, during: 1, after: 2, broken: false }],
    ["spec.minAvailable", { minAvailable: "100%" }, { requires: 3, during: 1, after: 2, broken: true }],
    ["spec.maxUnavailable", { maxUnavailable: 1 }, { requires: 2, during: 1, after: 2, broken: false }],
    ["spec.maxUnavailable", { maxUnavailable: 0 }, { requires: 3, during: 1, after: 2, broken: true }],
    // Percentages round up, as in Kubernetes: one of three pods may be unavailable.
    ["spec.maxUnavailable", { maxUnavailable: "10%" }, { requires: 2, during: 1, after: 2, broken: false }],
  ])("is broken by what is left in the end: %s %j", (path, spec, state) => {
    expect(states(collect([web, budget(spec)], lose()))).toEqual({ [path]: state });
  });

  it("is not violated by a drill that leaves enough", () => {
    expect(collect([web, budget({ minAvailable: 1 })], lose()).violations).toEqual([]);
  });

  it("names its object and its workloads, before and after the change", () => {
    const stricter = [web, budget({ minAvailable: 3 })];
    expect(collect(stricter, lose(), lose(), [web, budget({ minAvailable: 1 })]).violations).toEqual([
      {
        cluster: "east",
        object: "PodDisruptionBudget app/web",
        path: "spec.minAvailable",
        workloads: [{ cluster: "east", kind: "Deployment", namespace: "app", name: "web" }],
        unit: "pods",
        confined: false,
        after: { requires: 3, during: 1, after: 2, broken: true },
      },
    ]);
  });

  it("counts pods that make room for displaced ones as lost", () => {
    const preempted = [{ namespace: "app", name: "a", node: "osaka-1", reason: "Preempted" }];
    const after = states(collect([web, budget({ minAvailable: 2 })], lose({ preempted })));
    expect(after["spec.minAvailable"]).toEqual({ requires: 2, during: 1, after: 1, broken: true });
  });

  it("is not broken if its pods may run only on what is lost, unless nothing else exists", () => {
    const confined = deployment("web", { nodeSelector: { "edge-region": "tokyo" } });
    const objects = [confined, budget({ minAvailable: 3 })];
    expect(collect(objects, lose()).violations).toMatchObject([{ confined: true, after: { broken: false } }]);
    const all = lose({ nodes: ["tokyo-1", "tokyo-2", "osaka-1"] });
    expect(collect(objects, all).violations).toMatchObject([{ confined: false, after: { broken: true } }]);
    const device = deployment("web", { nodeSelector: { "device-type": "jetson" } });
    expect(collect([device, budget({ minAvailable: 3 })], lose()).violations).toMatchObject([{ confined: false }]);
  });

  it("of a DaemonSet is not judged: its pods are lost with their nodes", () => {
    const agent = { ...web, kind: "DaemonSet" };
    expect(collect([agent, budget({ maxUnavailable: 0 })], lose()).violations).toEqual([]);
  });
});

it("a spread over a least number of regions is broken if fewer are left", () => {
  const spread = (topologyKey: string, minDomains: number) => ({ maxSkew: 1, topologyKey, minDomains });
  const web = deployment("web", {
    topologySpreadConstraints: [spread("topology.kubernetes.io/region", 2), spread("kubernetes.io/hostname", 1)],
  });
  expect(states(collect([web], lose()))).toEqual({
    "spec.template.spec.topologySpreadConstraints[0].minDomains": { requires: 2, during: 1, after: 1, broken: true },
  });
});

describe("a workload that states to survive a loss", () => {
  const path = `metadata.annotations["${annotations.survivesLossOf}"]`;
  const web = (loss: string, minimum?: string): KubeObject => {
    const own = { [annotations.survivesLossOf]: loss, ...(minimum && { [annotations.minAvailable]: minimum }) };
    const { metadata, ...rest } = deployment("web");
    return { ...rest, metadata: { ...metadata, annotations: own } };
  };

  it("is broken if too few pods are left at any time, by default none", () => {
    expect(collect([web("region")], lose()).violations).toEqual([]);
    expect(states(collect([web("region", "2")], lose()))).toEqual({
      [path]: { requires: 2, during: 1, after: 2, broken: true },
    });
  });

  it("survives the loss of a node if it survives that of a region, and not the other way round", () => {
    expect(collect([web("node", "3")], lose()).violations).toEqual([]);
    const node = lose({ drill: { node: "tokyo-1" }, nodes: ["tokyo-1"] });
    expect(collect([web("node", "3")], node).violations).toHaveLength(1);
    expect(collect([web("region", "3")], node).violations).toHaveLength(1);
  });
});

it("pods that a cut link leaves out of reach violate their longest round trip", () => {
  const web = deployment("web");
  const cut = {
    drill: { link: { from: "tokyo", to: "osaka" } },
    nodes: [],
    displaced: [],
    links: [{ from: "tokyo", to: "osaka", beforeMs: 9, afterMs: 240, via: "sydney" }],
    violations: [
      { ...pod("a", "osaka-1"), node: "osaka-1", plugin: "EdgeProximity", reasons: ["240 ms is more than 50 ms"] },
    ],
  };
  const { links, violations, clusters } = collect([web], lose(cut));
  expect(links).toEqual([{ from: "tokyo", to: "osaka", rttMs: { before: 9, after: 240 }, via: "sydney" }]);
  expect(violations).toMatchObject([
    {
      path: `spec.template.metadata.annotations["skerry.dev/max-rtt-ms"]`,
      unit: "pods in reach",
      after: { requires: 3, after: 2, broken: true },
    },
  ]);
  expect(clusters).toEqual([]);
});
