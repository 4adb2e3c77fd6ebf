import { podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule } from "../engine/rule";

export const noBlanketToleration: ObjectRule = {
  subject: "object",
  id: "no-blanket-toleration",
  title: "Every toleration names the taint that it tolerates",
  why: "A toleration without a key fits every taint: the pod lands on devices that are kept for other work, on nodes being drained, and stays on nodes that are lost.",
  severity: "error",
  remedy:
    "Name the key of each taint that the pod is to tolerate, as in key: dedicated, value: iot, effect: NoSchedule.",
  check(object) {
    const pod = podOf(object);
    return (pod?.value.tolerations ?? []).flatMap(({ key }, index) =>
      key ? [] : [{ path: pod!.path("tolerations", index), message: "got no key, allowed is the key of one taint" }],
    );
  },
  admission: {
    validations: [
      {
        expression: `variables.pod.?tolerations.orValue([]).all(t, t.?key.orValue("") != "")`,
        message: "A toleration has no key, and so tolerates every taint.",
      },
    ],
  },
};
