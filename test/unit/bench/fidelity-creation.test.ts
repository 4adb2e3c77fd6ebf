import { compareCreation } from "../../../bench/scheduling/fidelity/compare-creation";
import type { Comparison } from "../../../bench/scheduling/fidelity/comparison";
import { generateScenario, NAMESPACE } from "../../../bench/scheduling/fidelity/generate-workloads";
import type { LivePod, LiveState } from "../../../bench/scheduling/fidelity/live-cluster";
import { findOvercommitted } from "../../../bench/scheduling/fidelity/overcommitment";
import type { Scenario } from "../../../bench/scheduling/fidelity/scenario";
import type { SimulatedPod, SimulationReport, SimulationRequest } from "../../../preview/simulator/protocol";

const deployment = (name: string) => ({
  object: { apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace: NAMESPACE, name }, spec: {} },
  features: ["Deployment"],
});
const scenario: Scenario = {
  ...generateScenario(1, "2026-01-01T00:00:00Z"),
  workloads: [deployment("low"), deployment("web")],
};

const live = (workload: string, name: string, more: Partial<LivePod> = {}): LivePod => ({
  object: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: NAMESPACE, name, uid: name } as LivePod["object"]["metadata"],
    spec: { nodeName: more.node },
  },
  workload: `Deployment ${NAMESPACE}/${workload}`,
  finished: false,
  createdAt: 0,
  ...more,
});
const state = (pods: readonly LivePod[], deleted: readonly LivePod[] = []): LiveState => ({
  pods,
  deleted,
  volumes: [],
});

const simulated = (workload: string, name: string, more: Partial<SimulatedPod> = {}): SimulatedPod => ({
  ...{ namespace: NAMESPACE, name, scheduler: "default-scheduler", status: "Placed", origin: "Created" },
  owner: { kind: "Deployment", namespace: NAMESPACE, name: workload },
  ...more,
});

/** Compares, with a simulator that gives these answers one after the other. */
async function compare(before: LiveState, after: LiveState, answers: readonly (readonly SimulatedPod[])[]) {
  const requests: SimulationRequest[] = [];
  const simulate = (request: SimulationRequest): Promise<SimulationReport> => {
    const pods = answers[requests.length];
    if (!pods) throw new Error("the simulator was asked too often");
    requests.push(request);
    const unschedulable = [{ message: "full" }];
    return Promise.resolve({
      ...{ cluster: "c", kubernetes: "v", seed: 1 },
      after: { pods, unschedulable, workloads: [], nodes: [] },
    });
  };
  const explain = (): Promise<string> => Promise.resolve("the event");
  const comparisons = await compareCreation({ scenario, index: 1, before, after }, { simulate, explain });
  expect(requests).toHaveLength(answers.length);
  return {
    outcomes: comparisons.map(({ outcome, workload }: Comparison) => `${workload.split("/")[1]} ${outcome}`),
    comparisons,
    running: requests.map(({ before: start }) => start!.runningPods!.map(({ metadata }) => metadata.name)),
  };
}

test("after a tie, the simulation goes on with the live node, and what follows is compared with that", async () => {
  const after = state([
    live("web", "x", { node: "b", createdAt: 1, boundAt: 2 }),
    live("web", "y", { node: "c", createdAt: 3, boundAt: 4 }),
  ]);
  const { outcomes, running } = await compare(state([]), after, [
    [simulated("web", "web-1-0", { node: "a", ties: ["b"] }), simulated("web", "web-1-1", { node: "b" })],
    [simulated("web", "web-1-1", { node: "c" })],
  ]);
  expect(outcomes).toEqual(["web tied", "web same"]);
  expect(running).toEqual([[], ["x"]]);
});

test("a difference is counted once, with what the live scheduler says", async () => {
  const after = state([
    live("web", "x", { node: "b", createdAt: 1, boundAt: 2 }),
    live("web", "y", { node: "a", createdAt: 3, boundAt: 4 }),
  ]);
  const { outcomes, comparisons } = await compare(state([]), after, [
    [simulated("web", "web-1-0", { node: "a" }), simulated("web", "web-1-1", { node: "b" })],
    [simulated("web", "web-1-1", { node: "a" })],
  ]);
  expect(outcomes).toEqual(["web other", "web same"]);
  expect(comparisons[0]!.live.reason).toBe("the event");
});

test("a pod that waited before is compared again only if that changed", async () => {
  const waiting = live("low", "l", { message: "full" });
  const pending = simulated("low", "low-1-0", { verdict: 0, status: "Unschedulable" });
  const placed = live("web", "x", { node: "a", createdAt: 5, boundAt: 6 });
  const web = simulated("web", "web-1-0", { node: "a" });
  const still = await compare(state([waiting]), state([waiting, placed]), [[pending, web]]);
  expect(still.outcomes).toEqual(["web same"]);
  const wrong = await compare(state([waiting]), state([waiting, placed]), [[{ ...pending, node: "b" }, web]]);
  expect(wrong.outcomes).toEqual(["web same", "low verdict"]);
});

test("victims of preemption are gone once the pod that preempted them has its node", async () => {
  const victim = live("low", "l", { node: "a" });
  const after = state(
    [live("web", "x", { node: "a", createdAt: 1, boundAt: 4 }), live("low", "m", { message: "full", createdAt: 3 })],
    [{ ...victim, deletedAt: 2 }],
  );
  const replacement = simulated("low", "low-1-1", { verdict: 0, status: "Unschedulable" });
  const { outcomes, running, comparisons } = await compare(state([victim]), after, [
    [simulated("web", "web-1-0", { node: "b" })],
    [replacement],
  ]);
  expect(outcomes).toEqual(["web other", "low refused"]);
  expect(running).toEqual([["l"], ["x"]]);
  for (const { features } of comparisons) expect(features).toContain("preemption");
});

test("a pod that only the simulator places is a disagreement", async () => {
  const { outcomes } = await compare(state([]), state([]), [[simulated("web", "web-1-0", { node: "a" })]]);
  expect(outcomes).toEqual(["web verdict"]);
});

test("nodes that hold more requests than they have are overcommitted", () => {
  const node = (name: string) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: { allocatable: { cpu: "300m", memory: "2Gi" } },
  });
  const requesting = (name: string, on: string, cpu: string, finished = false): LivePod => ({
    ...live("web", name, { node: on, finished }),
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name },
      spec: { containers: [{ name: "main", resources: { requests: { cpu, memory: "1Gi" } } }] },
    },
  });
  const pods = [
    ...[requesting("1", "full", "100m"), requesting("2", "full", "200m"), requesting("3", "full", "200m", true)],
    ...[requesting("4", "over", "100m"), requesting("5", "over", "201m")],
  ];
  expect([...findOvercommitted([node("full"), node("over"), node("empty")], pods)]).toEqual(["over"]);
});
