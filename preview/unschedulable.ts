import type { BlockedRollout, Unschedulable } from "./report";
import type { Outcome, SimulationReport, Verdict } from "./simulator/protocol";
import { ownerOf, parseWorkloadKey, workloadKey } from "./workloads";

/** The pods without a node of each workload, with the verdict of the first. */
function groupPending({ pods, unschedulable = [] }: Outcome): Map<string, { pods: number; verdict?: Verdict }> {
  const groups = new Map<string, { pods: number; verdict?: Verdict }>();
  for (const pod of pods) {
    if (pod.status !== "Unschedulable" || pod.origin === "WouldRun") continue;
    const key = workloadKey(ownerOf(pod));
    const group = groups.get(key);
    const verdict = pod.verdict === undefined ? undefined : unschedulable[pod.verdict];
    if (group) group.pods += 1;
    else groups.set(key, { pods: 1, ...(verdict && { verdict }) });
  }
  return groups;
}

/** The pods that no node can take after the change, by workload. */
export function findUnschedulable({ cluster, before, after }: SimulationReport): Unschedulable[] {
  const earlier = before ? groupPending(before) : new Map<string, { pods: number }>();
  return [...groupPending(after)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { pods, verdict }]) => {
      return {
        workload: parseWorkloadKey(cluster, key),
        pods,
        before: (earlier.get(key)?.pods ?? 0) >= pods,
        message: verdict?.message ?? "",
        groups: (verdict?.groups ?? []).map(({ nodes, reasons }) => ({ nodes: nodes.length, reasons })),
        shortages: (verdict?.shortages ?? []).map(({ resource, requested, largestFree }) => ({
          resource,
          requested,
          largestFree,
        })),
      };
    });
}

/** The rollouts that stop before their end. */
export function findBlockedRollouts({ cluster, after }: SimulationReport): BlockedRollout[] {
  return after.workloads
    .filter(({ complete }) => !complete)
    .map(({ kind, namespace, name, available, desired, blocked = "" }) => ({
      workload: { cluster, kind, namespace, name },
      available,
      desired,
      message: blocked,
    }));
}
