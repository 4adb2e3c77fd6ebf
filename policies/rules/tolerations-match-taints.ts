import { describeUnknown } from "../../fleet/problem";
import { nodePools } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { formatTaint, isBuiltInTaint, toleratesTaint } from "../../fleet/kubernetes/tolerations";
import { podMakers } from "../kubernetes/workloads";

export const tolerationsMatchTaints: ClusterRule = {
  subject: "cluster",
  id: "tolerations-match-taints",
  title: "Every toleration matches a taint of the cluster's nodes",
  why: "A toleration that matches no taint is misspelled, or it takes effect unexpectedly when such a taint is added later.",
  severity: "warning",
  remedy: "Correct the toleration's key, value or effect, or remove it.",
  check: ({ objects }) => {
    const taints = nodePools(objects).flatMap((pool) => pool.taints);
    if (nodePools(objects).length === 0) return [];
    const texts = taints.map(formatTaint);
    return podMakers(objects).flatMap(({ object, pod }) =>
      (pod.value.tolerations ?? []).flatMap((toleration, index) => {
        const { key, value = "", effect = "" } = toleration;
        // no-blanket-toleration reports tolerations without a key.
        if (!key || isBuiltInTaint(key) || taints.some((taint) => toleratesTaint(toleration, taint))) return [];
        const text = effect === "" ? (value === "" ? key : `${key}=${value}`) : formatTaint({ key, value, effect });
        return [{ object, path: pod.path("tolerations", index), message: describeUnknown("taint", text, texts) }];
      }),
    );
  },
};
