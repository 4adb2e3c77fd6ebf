import { taintText } from "../../fleet/nodes";
import { describeUnknown } from "../../fleet/problem";
import { requiredTerms } from "../../fleet/kubernetes/requirements";
import { choosesNodes, leavesPools, nodePools, type Pool, selects } from "../kubernetes/nodes";
import { unknownRegions } from "../kubernetes/regions";
import type { ClusterRule, Violation } from "../engine/rule";
import { repelling } from "../kubernetes/tolerations";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** What no pool has, when it is a single label; else that none has all of it. */
function nothingSelected({ pod }: PodMaker, pools: readonly Pool[]): Violation {
  for (const [key, value] of Object.entries(pod.value.nodeSelector ?? {})) {
    const known = pools.flatMap((pool) => pool.labels[key] ?? []);
    if (!known.includes(value))
      return { path: pod.path("nodeSelector", key), message: describeUnknown(key, value, known) };
  }
  const path = requiredTerms(pod.value) ? pod.path("affinity", "nodeAffinity") : pod.path("nodeSelector");
  return { path, message: "no node pool of the cluster has all the labels that it demands" };
}

function allRepel({ pod }: PodMaker, selected: readonly Pool[]): Violation[] {
  const { tolerations } = pod.value;
  const closed = selected.map(({ name, taints }) => ({ name, taints: repelling(taints, tolerations) }));
  const [nearest] = closed.sort((a, b) => a.taints.length - b.taints.length || (a.name < b.name ? -1 : 1));
  if (nearest === undefined || nearest.taints.length === 0) return [];
  const taints = nearest.taints.map(({ key, value = "", effect }) => taintText({ key, value, effect }));
  const message = `every node that it may use has a taint that it does not tolerate: tolerate ${taints.join(" and ")} (pool ${nearest.name}), or add a pool without`;
  return [{ path: pod.path("tolerations"), message }];
}

export const podsHaveNodes: ClusterRule = {
  subject: "cluster",
  id: "pods-have-nodes",
  title: "Every pod has a node in its cluster that it may run on",
  why: "What no node matches waits for ever, and nothing but an event of the scheduler says why.",
  severity: "error",
  remedy:
    "Correct the labels that the pod demands, tolerate the taint of the nodes that are meant, or add a node pool.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    if (pools.length === 0) return [];
    return podMakers(objects).flatMap((maker) => {
      // A region that is not there is regions-exist's finding.
      if (leavesPools(maker) || unknownRegions(maker, pools).length > 0) return [];
      const selected = pools.filter((pool) => selects(maker, pool));
      if (selected.length === 0) return [{ object: maker.object, ...nothingSelected(maker, pools) }];
      // Of nodes that were chosen by what they are, each taint is told by selected-nodes-tolerated.
      if (choosesNodes(maker.pod.value)) return [];
      return allRepel(maker, selected).map((violation) => ({ object: maker.object, ...violation }));
    });
  },
};
