import type { SimulationReport, SimulationRequest } from "../../../preview/simulator/protocol";
import { type Comparison, comparePlacement, type Placement, PREEMPTION } from "./comparison";
import type { LivePod } from "./live-cluster";
import { findOvercommitted } from "./overcommitment";
import { type Creation, liveRequest, uidOf } from "./live-request";
import { livePods, ownerOf, simulatedPods } from "./pod-identity";
import { workloadName } from "./scenario";

/** The two sides of a comparison. */
export interface Sides {
  readonly simulate: (request: SimulationRequest) => Promise<SimulationReport>;
  /** Reads what the live scheduler says of the node that it chose. */
  readonly explain: (pod: LivePod) => Promise<string | undefined>;
}

const NO_POD: Placement = { reason: "there is no such pod" };

/** The workloads that have new pods on either side: the one of the step first, then in the order of their first pod. */
function changedWorkloads(first: string, live: readonly LivePod[], report: SimulationReport): string[] {
  const ordered = [...live].sort((one, other) => one.createdAt - other.createdAt);
  const simulated = report.after.pods.filter(({ origin }) => origin === "Created");
  return [...new Set([first, ...ordered.map(({ workload }) => workload), ...simulated.map(ownerOf)])];
}

const livePlacement = ({ node, message }: LivePod): Placement => ({
  ...(node !== undefined && { node }),
  ...(message !== undefined && { reason: message }),
});

/**
 * Compares what happened when a workload was created with what the simulator says: the workload's own pods, and those
 * that its creation let in or pushed out.
 *
 * The schedulers break ties at random, and each pod depends on the ones before it. So where both sides differ, the
 * simulation starts anew with that pod where it is live. A difference is counted once, without what follows from it.
 */
export async function compareCreation(creation: Creation, { simulate, explain }: Sides): Promise<Comparison[]> {
  const { scenario, index, before, after } = creation;
  const regions = new Map(
    scenario.rendering.nodes.map(({ metadata: { name, labels } }) => [name, labels?.["topology.kubernetes.io/region"]]),
  );
  const features = new Map(scenario.workloads.map((each) => [workloadName(each.object), each.features]));
  const existed = new Set(before.pods.map(uidOf));
  const preempts = after.deleted.some((pod) => existed.has(uidOf(pod)));
  const overcommitted = findOvercommitted(scenario.rendering.nodes, after.pods);
  const compare = (workload: string, live: Placement, simulated: Placement): Comparison => ({
    scenario: scenario.name,
    workload,
    features: [...(features.get(workload) ?? []), ...(preempts ? [PREEMPTION] : [])],
    ...comparePlacement(live, simulated, (node) => regions.get(node)),
    overcommitted: live.node !== undefined && overcommitted.has(live.node),
  });
  const placedBefore = new Set(before.pods.filter(({ node }) => node !== undefined).map(uidOf));
  const waitedBefore = new Set(before.pods.filter(({ node }) => node === undefined).map(uidOf));
  const fresh = after.pods.filter((pod) => !placedBefore.has(uidOf(pod)));
  const settled: LivePod[] = [];
  const comparisons: Comparison[] = [];
  let report = await simulate(liveRequest(creation, settled));
  for (const workload of changedWorkloads(workloadName(scenario.workloads[index]!.object), fresh, report)) {
    const own = fresh.filter((pod) => pod.workload === workload);
    const live = livePods(workload, own);
    const settledBefore = settled.length;
    let simulated = simulatedPods(workload, report, 0);
    for (const [key, pod] of live) {
      const compared = compare(workload, livePlacement(pod), simulated.get(key) ?? NO_POD);
      if (compared.outcome === "other")
        comparisons.push({ ...compared, live: { node: pod.node!, reason: (await explain(pod)) ?? "" } });
      // A pod that waited before and still does was compared before.
      else if (compared.outcome !== "refused" || !waitedBefore.has(uidOf(pod))) comparisons.push(compared);
      if (pod.node === undefined) continue;
      settled.push(pod);
      if (pod.node === compared.simulated.node) continue;
      report = await simulate(liveRequest(creation, settled));
      simulated = simulatedPods(workload, report, settled.length - settledBefore);
    }
    for (const [key, placement] of simulated)
      if (!live.has(key) && placement.node !== undefined) comparisons.push(compare(workload, NO_POD, placement));
  }
  return comparisons;
}
