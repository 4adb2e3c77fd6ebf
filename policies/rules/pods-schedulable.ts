import { taintText } from "../../fleet/nodes";
import { unknown } from "../../fleet/problem";
import { requiredTerms } from "../../fleet/kubernetes/requirements";
import { choosesNodes, leavesPools, nodePools, type Pool, selects } from "../kubernetes/nodes";
import { unknownRegions } from "../kubernetes/regions";
import type { ClusterRule, Violation } from "../engine/rule";
import { repelling } from "../kubernetes/tolerations";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** Reports the first label that no pool has or, if there is none, that no pool has all of them. */
function describeMismatch({ pod }: PodMaker, pools: readonly Pool[]): Violation {
  for (const [key, value] of Object.entries(pod.value.nodeSelector ?? {})) {
    const values = pools.flatMap((pool) => pool.labels[key] ?? []);
    if (!values.includes(value)) return { path: pod.path("nodeSelector", key), message: unknown(value, values) };
  }
  const path = requiredTerms(pod.value) ? pod.path("affinity", "nodeAffinity") : pod.path("nodeSelector");
  return { path, message: "no node pool of the cluster has all the labels that the pod selects" };
}

/** Reports the taints of the pool with the fewest, if every selected pool repels the pod. */
function checkTaints({ pod }: PodMaker, selected: readonly Pool[]): Violation[] {
  const { tolerations } = pod.value;
  const repellent = selected.map(({ name, taints }) => ({ name, taints: repelling(taints, tolerations) }));
  const [nearest] = repellent.sort((a, b) => a.taints.length - b.taints.length || (a.name < b.name ? -1 : 1));
  if (nearest === undefined || nearest.taints.length === 0) return [];
  const taints = nearest.taints.map(({ key, value = "", effect }) => taintText({ key, value, effect }));
  const message = `every node that the pod may use has a taint that the pod does not tolerate: tolerate ${taints.join(" and ")} (pool ${nearest.name}), or add a pool without taints`;
  return [{ path: pod.path("tolerations"), message }];
}

export const podsSchedulable: ClusterRule = {
  subject: "cluster",
  id: "pods-schedulable",
  title: "Every pod has a node that it can run on",
  why: "A pod that fits no node stays Pending, and only a scheduler event gives the reason.",
  severity: "error",
  remedy: "Correct the labels that the pod selects, tolerate the taint of the intended nodes, or add a node pool.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    if (pools.length === 0) return [];
    return podMakers(objects).flatMap((maker) => {
      // regions-exist reports unknown regions.
      if (leavesPools(maker) || unknownRegions(maker, pools).length > 0) return [];
      const selected = pools.filter((pool) => selects(maker, pool));
      if (selected.length === 0) return [{ object: maker.object, ...describeMismatch(maker, pools) }];
      // selected-nodes-tolerated reports each taint of nodes that the pod selects by device or pool.
      if (choosesNodes(maker.pod.value)) return [];
      return checkTaints(maker, selected).map((violation) => ({ object: maker.object, ...violation }));
    });
  },
};
