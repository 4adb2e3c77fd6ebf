import { nodesText } from "../kubernetes/amounts";
import { nodePools, matchesPool } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { findRepellingTaints, formatTaint, toleratesTaint } from "../../fleet/kubernetes/tolerations";
import { podMakers } from "../kubernetes/workloads";

export const taintsHavePods: ClusterRule = {
  subject: "cluster",
  id: "taints-have-pods",
  title: "Every taint that keeps pods away has something that tolerates it",
  why: "Nodes that nothing may use cost what the others cost, and stand idle.",
  severity: "warning",
  remedy: "Let the workload that the nodes are kept for tolerate the taint, or remove the taint.",
  check: ({ objects }) => {
    const makers = podMakers(objects);
    const lonely = new Map<string, { readonly pools: ReturnType<typeof nodePools>; readonly index: number }>();
    const used = new Set<string>();
    for (const pool of nodePools(objects)) {
      pool.taints.forEach((taint, index) => {
        if (findRepellingTaints([taint]).length === 0) return;
        const text = formatTaint(taint);
        if (used.has(text)) return;
        const wanted = makers.some(
          (maker) =>
            // A toleration of everything means no node in particular.
            (maker.pod.value.tolerations ?? []).some((each) => each.key && toleratesTaint(each, taint)) &&
            matchesPool(maker, pool),
        );
        if (wanted) used.add(text);
        else
          lonely.set(text, {
            index: lonely.get(text)?.index ?? index,
            pools: [...(lonely.get(text)?.pools ?? []), pool],
          });
      });
    }
    return [...lonely]
      .filter(([text]) => !used.has(text))
      .map(([text, { pools, index }]) => ({
        object: pools[0]!.object,
        path: `spec.taints[${index}]`,
        message: `no pod of the cluster tolerates ${text}: ${nodesText(pools.reduce((sum, { count = 0 }) => sum + count, 0))} unused (${pools.map(({ name }) => name).join(", ")})`,
      }));
  },
};
