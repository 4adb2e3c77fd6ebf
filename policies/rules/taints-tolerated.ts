import { taintText } from "../../fleet/nodes";
import { nodesText } from "../kubernetes/amounts";
import { nodePools, selects } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { tolerates } from "../kubernetes/tolerations";
import { podMakers } from "../kubernetes/workloads";

export const taintsTolerated: ClusterRule = {
  subject: "cluster",
  id: "taints-tolerated",
  title: "Every taint is tolerated by a workload",
  why: "Nodes that no pod may use cost as much as others and stay idle.",
  severity: "warning",
  remedy: "Tolerate the taint in the workload that the nodes are reserved for, or remove the taint.",
  check: ({ objects }) => {
    const makers = podMakers(objects);
    const unused = new Map<string, { readonly pools: ReturnType<typeof nodePools>; readonly index: number }>();
    const tolerated = new Set<string>();
    for (const pool of nodePools(objects)) {
      pool.taints.forEach((taint, index) => {
        if (taint.effect === "PreferNoSchedule") return;
        const text = taintText({ key: taint.key, value: taint.value ?? "", effect: taint.effect });
        if (tolerated.has(text)) return;
        const isTolerated = makers.some(
          (maker) =>
            // A toleration without a key does not target this taint.
            (maker.pod.value.tolerations ?? []).some((each) => each.key && tolerates(each, taint)) &&
            selects(maker, pool),
        );
        if (isTolerated) tolerated.add(text);
        else
          unused.set(text, {
            index: unused.get(text)?.index ?? index,
            pools: [...(unused.get(text)?.pools ?? []), pool],
          });
      });
    }
    return [...unused]
      .filter(([text]) => !tolerated.has(text))
      .map(([text, { pools, index }]) => ({
        object: pools[0]!.object,
        path: `spec.taints[${index}]`,
        message: `no pod of the cluster tolerates ${text}: ${nodesText(pools.reduce((sum, { count = 0 }) => sum + count, 0))} unused (${pools.map(({ name }) => name).join(", ")})`,
      }));
  },
};
