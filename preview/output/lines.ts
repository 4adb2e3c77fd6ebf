import type { BlockedRollout, Move, PodCount, Unschedulable } from "../report";
import { describeRegions } from "./drill-lines";
import { shortName } from "./tally";

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
