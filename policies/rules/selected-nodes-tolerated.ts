import { choosesNodes, leavesPools, nodePools, matchesPool } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { findRepellingTaints, formatTaint } from "../../fleet/kubernetes/tolerations";
import { podMakers } from "../kubernetes/workloads";

export const selectedNodesTolerated: ClusterRule = {
  subject: "cluster",
  id: "selected-nodes-tolerated",
  title: "What demands a device also tolerates the taints of the nodes that have it",
  why: "A demand does not open a taint: the pod waits for ever, or a DaemonSet leaves out those nodes without a word.",
  severity: "error",
  remedy: "Tolerate the taint (the construct OnDevice demands and tolerates), or demand a label that those nodes lack.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    return podMakers(objects).flatMap((maker) => {
      const { pod, object } = maker;
      if (leavesPools(maker) || !choosesNodes(pod.value)) return [];
      const closed = new Map<string, string[]>();
      for (const pool of pools.filter((each) => matchesPool(maker, each))) {
        for (const taint of findRepellingTaints(pool.taints, pod.value.tolerations).map(formatTaint)) {
          closed.set(taint, [...(closed.get(taint) ?? []), pool.name]);
        }
      }
      return [...closed].map(([taint, names]) => ({
        object,
        path: pod.path("tolerations"),
        message: `demands nodes of ${names.join(", ")}, and does not tolerate their taint ${taint}`,
      }));
    });
  },
};
