import { taintText } from "../../fleet/nodes";
import { unknown } from "../../fleet/problem";
import { nodePools } from "../kubernetes/nodes";
import type { ClusterRule } from "../engine/rule";
import { isKnownTaint, tolerates } from "../kubernetes/tolerations";
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
    const texts = taints.map(({ key, value = "", effect }) => taintText({ key, value, effect }));
    return podMakers(objects).flatMap(({ object, pod }) =>
      (pod.value.tolerations ?? []).flatMap((toleration, index) => {
        const { key, value = "", effect = "" } = toleration;
        // no-blanket-toleration reports tolerations without a key.
        if (!key || isKnownTaint(key) || taints.some((taint) => tolerates(toleration, taint))) return [];
        const text = effect === "" ? (value === "" ? key : `${key}=${value}`) : taintText({ key, value, effect });
        return [{ object, path: pod.path("tolerations", index), message: unknown(text, texts) }];
      }),
    );
  },
};
