import type { Move, PlaceOfPod, PodCount, WorkloadName, WorkloadPlacement } from "./report";
import type { Outcome, SimulatedPod, SimulationReport } from "./simulator/protocol";
import { ownerOf, parseWorkloadKey, workloadKey } from "./workloads";

/** A pod with a node, in one of the two states. */
interface Placed {
  readonly pod: SimulatedPod;
  readonly place: PlaceOfPod;
}

/** The pods with a node of each workload. The next run of a CronJob takes no part: nothing runs yet. */
function groupByWorkload({ pods, nodes }: Outcome): Map<string, Placed[]> {
  const regions = new Map(nodes.map(({ name, region = "" }) => [name, region]));
  const groups = new Map<string, Placed[]>();
  for (const pod of pods) {
    if (pod.node === undefined || pod.origin === "WouldRun") continue;
    const key = workloadKey(ownerOf(pod));
    const placed = { pod, place: { node: pod.node, region: regions.get(pod.node) ?? "" } };
    const group = groups.get(key);
    if (group) group.push(placed);
    else groups.set(key, [placed]);
  }
  return groups;
}

/** Removes from both lists the pairs that agree in `key`, and returns what is left of each and the pairs. */
function pairBy(
  before: readonly Placed[],
  after: readonly Placed[],
  key: (each: Placed) => string,
): { readonly pairs: [Placed, Placed][]; readonly before: Placed[]; readonly after: Placed[] } {
  const candidates = new Map<string, Placed[]>();
  // Reversed, so that the first candidate is the last item, which pop() takes in constant time.
  for (const other of [...after].reverse()) {
    const same = candidates.get(key(other));
    if (same) same.push(other);
    else candidates.set(key(other), [other]);
  }
  const pairs: [Placed, Placed][] = [];
  const paired = new Set<Placed>();
  const unpaired = before.filter((one) => {
    const other = candidates.get(key(one))?.pop();
    if (!other) return true;
    pairs.push([one, other]);
    paired.add(other);
    return false;
  });
  return { pairs, before: unpaired, after: after.filter((other) => !paired.has(other)) };
}

function countByRegion(placed: readonly Placed[]): Record<string, number> {
  const regions: Record<string, number> = {};
  for (const { place } of placed) regions[place.region] = (regions[place.region] ?? 0) + 1;
  return regions;
}

const countPods = (workload: WorkloadName, placed: readonly Placed[]): PodCount[] =>
  placed.length === 0 ? [] : [{ workload, pods: placed.length, regions: countByRegion(placed) }];

/** The groups of two states, by workload in the order of namespaces, kinds and names. */
function joinWorkloads({ cluster, before, after }: SimulationReport): {
  readonly workload: WorkloadName;
  readonly before: readonly Placed[];
  readonly after: readonly Placed[];
}[] {
  const [old, current] = [before ? groupByWorkload(before) : new Map<string, Placed[]>(), groupByWorkload(after)];
  return [...new Set([...old.keys(), ...current.keys()])].sort().map((key) => ({
    workload: parseWorkloadKey(cluster, key),
    before: old.get(key) ?? [],
    after: current.get(key) ?? [],
  }));
}

/** What happens to the pods of one cluster. */
export interface PlacementChanges {
  readonly moves: readonly Move[];
  readonly created: readonly PodCount[];
  readonly removed: readonly PodCount[];
}

/**
 * Compares where the pods of each workload run before and after a change. A pod that is replaced on the same node does not
 * move; the remaining pods are paired within their region first, because pods of a workload are interchangeable.
 */
export function comparePlacements(report: SimulationReport): PlacementChanges {
  const reasons = new Map((report.after.removed ?? []).map((pod) => [`${pod.namespace}/${pod.name}`, pod.reason]));
  const moves: Move[] = [];
  const created: PodCount[] = [];
  const removed: PodCount[] = [];
  for (const { workload, before, after } of joinWorkloads(report)) {
    const onNode = pairBy(before, after, ({ place }) => place.node);
    const inRegion = pairBy(onNode.before, onNode.after, ({ place }) => place.region);
    const anywhere = pairBy(inRegion.before, inRegion.after, () => "");
    for (const [from, to] of [...inRegion.pairs, ...anywhere.pairs]) {
      const reason = reasons.get(`${from.pod.namespace}/${from.pod.name}`) ?? "";
      const { why = "", ties = [] } = to.pod;
      moves.push({ workload, from: from.place, to: to.place, reason, why, ties });
    }
    created.push(...countPods(workload, anywhere.after));
    removed.push(...countPods(workload, anywhere.before));
  }
  return { moves, created, removed };
}

/** Counts the pods of each workload in each region, before and after a change. */
export function countPlacements(report: SimulationReport): WorkloadPlacement[] {
  return joinWorkloads(report).flatMap(({ workload, before, after }) => {
    const [old, current] = [countByRegion(before), countByRegion(after)];
    return [...new Set([...Object.keys(old), ...Object.keys(current)])]
      .sort()
      .map((region) => ({ workload, region, pods: { before: old[region] ?? 0, after: current[region] ?? 0 } }));
  });
}
