import { taintText } from "../../fleet/nodes";
import { choosesNodes, leavesPools, nodePools, selects } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { repelling } from "../kubernetes/tolerations";
import { podMakers } from "../kubernetes/workloads";

export const selectedNodesTolerated: ClusterRule = {
  subject: "cluster",
  id: "selected-nodes-tolerated",
  title: "Pods tolerate the taints of the nodes that they select",
  why: "A node selector does not override a taint. The pod stays Pending, or a DaemonSet silently skips these nodes.",
  severity: "error",
  remedy: "Tolerate the taint (the construct OnDevice sets both), or select a label that these nodes do not have.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    return podMakers(objects).flatMap((maker) => {
      const { pod, object } = maker;
      if (leavesPools(maker) || !choosesNodes(pod.value)) return [];
      const poolsByTaint = new Map<string, string[]>();
      for (const pool of pools.filter((each) => selects(maker, each))) {
        for (const { key, value = "", effect } of repelling(pool.taints, pod.value.tolerations)) {
          const taint = taintText({ key, value, effect });
          poolsByTaint.set(taint, [...(poolsByTaint.get(taint) ?? []), pool.name]);
        }
      }
      return [...poolsByTaint].map(([taint, names]) => ({
        object,
        path: pod.path("tolerations"),
        message: `selects nodes of ${names.join(", ")}, but does not tolerate their taint ${taint}`,
      }));
    });
  },
};
