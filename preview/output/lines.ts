import type { BlockedRollout, Move, PodCount, PreviewReport, RegionReport, RoundTrips, Unschedulable } from "../report";
import { describeRegions } from "./drill-lines";
import { shortName } from "./tally";

const number = (value: number): string => String(Math.round(value * 10) / 10);

/** `36 → 32`, or `36` where nothing changes. */
const changed = (before: string | number, after: string | number): string =>
  before === after ? `${after}` : `${before} → ${after}`;

const roundTrip = (trips: RoundTrips | undefined): string => (trips ? number(trips.p95) : "–");
const percent = (share: number): string => `${Math.round(share * 100)}`;

/** The heading of {@link regionRow}. */
export const REGION_COLUMNS = [
  "cluster",
  "region",
  "nodes",
  "pods",
  "moves",
  "won't fit",
  "round trip p95, ms",
  "CPU requested, %",
  "memory requested, %",
] as const;

/** One region as cells of a table. */
export function regionRow(region: RegionReport, unfit: number): string[] {
  const { roundTrip: trips, requested, movedIn, movedOut } = region;
  const moves = [movedIn > 0 && `${movedIn} in`, movedOut > 0 && `${movedOut} out`].filter(Boolean).join(", ");
  return [
    region.cluster,
    region.region,
    changed(region.nodes.before, region.nodes.after),
    changed(region.pods.before, region.pods.after),
    moves || "–",
    unfit > 0 ? String(unfit) : "–",
    changed(roundTrip(trips.before), roundTrip(trips.after)),
    changed(percent(requested.before.cpu), percent(requested.after.cpu)),
    changed(percent(requested.before.memory), percent(requested.after.memory)),
  ];
}

/** Whether a region is worth a row: something that the row shows changes. Sums may differ in their last digits. */
export function hasChanged({ nodes, pods, movedIn, movedOut, roundTrip: trips, requested }: RegionReport): boolean {
  return (
    nodes.before !== nodes.after ||
    pods.before !== pods.after ||
    movedIn + movedOut > 0 ||
    roundTrip(trips.before) !== roundTrip(trips.after) ||
    percent(requested.before.cpu) !== percent(requested.after.cpu) ||
    percent(requested.before.memory) !== percent(requested.after.memory)
  );
}

/** Why pods leave their nodes, by the simulator's reason. */
export const REASONS: Readonly<Record<string, string>> = {
  NodeRemoved: "its node is removed",
  Replaced: "its workload is rolled out",
  Evicted: "its node has a new NoExecute taint",
  Preempted: "a pod of higher priority takes its place",
  NotEligible: "its node no longer matches",
};

/** `telemetry/detector: sydney-gw-04 → tokyo-gw-11. Its node is removed. EdgeProximity: …`, with equal moves counted. */
export function moveLines(moves: readonly Move[]): string[] {
  return moves.map(({ workload, from, to, reason, why, ties }) => {
    const because = REASONS[reason];
    const tie = ties.length > 0 ? `; or any of ${ties.length} other nodes with the same score` : "";
    const notes = [because && `${because[0]!.toUpperCase()}${because.slice(1)}`, why].filter(Boolean).join(". ");
    return `${shortName(workload)}: ${from.node} → ${to.node}${tie}${notes ? `. ${notes}` : ""}`;
  });
}

/** `vision/inspector (4): 12 nodes Insufficient memory (needs 2Gi, largest free 1.1Gi); 4 nodes …`. */
export function unschedulableLine({ workload, pods, groups, shortages, message, before }: Unschedulable): string {
  const reasons = groups.map(({ nodes, reasons: texts }) => `${nodes} nodes: ${texts.join(", ")}`);
  const lacks = shortages.map(
    ({ resource, requested, largestFree }) => `needs ${requested} ${resource}, largest free ${largestFree}`,
  );
  const text = reasons.length > 0 ? reasons.join("; ") : message;
  return `${shortName(workload)} (${pods}): ${text}${lacks.length > 0 ? ` (${lacks.join("; ")})` : ""}${before ? " – unchanged" : ""}`;
}

export const blockedLine = ({ workload, available, desired, message }: BlockedRollout): string =>
  `${shortName(workload)}: ${available} of ${desired} available${message ? `; ${message}` : ""}`;

export function countLine({ workload, pods, regions }: PodCount): string {
  return `${shortName(workload)}: ${pods} (${describeRegions(regions)})`;
}

/** Pods without a node, by cluster and region where their workload runs; by cluster alone where it runs nowhere. */
export function unfitByCluster({ unschedulable }: PreviewReport): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { workload, pods } of unschedulable)
    counts.set(workload.cluster, (counts.get(workload.cluster) ?? 0) + pods);
  return counts;
}
