import { taintText } from "../../fleet/nodes";
import { describeUnknown } from "../../fleet/problem";
import { nodePools } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { isKnownTaint, tolerates } from "../kubernetes/tolerations";
import { podMakers } from "../kubernetes/workloads";

export const tolerationsHaveTaints: ClusterRule = {
  subject: "cluster",
  id: "tolerations-have-taints",
  title: "Every toleration fits a taint of the cluster's nodes",
  why: "A toleration of a taint that is not there is a misspelt one, or a leave that takes effect on the day somebody sets that taint.",
  severity: "warning",
  remedy: "Correct the toleration's key, value or effect, or remove it.",
  check: ({ objects }) => {
    const taints = nodePools(objects).flatMap((pool) => pool.taints);
    if (nodePools(objects).length === 0) return [];
    const known = taints.map(({ key, value = "", effect }) => taintText({ key, value, effect }));
    return podMakers(objects).flatMap(({ object, pod }) =>
      (pod.value.tolerations ?? []).flatMap((toleration, index) => {
        const { key, value = "", effect = "" } = toleration;
        // One without a key is no-blanket-toleration's finding.
        if (!key || isKnownTaint(key) || taints.some((taint) => tolerates(toleration, taint))) return [];
        const text = effect === "" ? (value === "" ? key : `${key}=${value}`) : taintText({ key, value, effect });
        return [{ object, path: pod.path("tolerations", index), message: describeUnknown("taint", text, known) }];
      }),
    );
  },
};
