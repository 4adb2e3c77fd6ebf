import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

export const noBlanketToleration: ObjectRule = {
  subject: "object",
  id: "no-blanket-toleration",
  title: "Tolerations name the taint that they tolerate",
  why: "A toleration without a key matches every taint. The pod can run on devices reserved for other workloads and on nodes that are being drained, and it stays on nodes that are lost.",
  severity: "error",
  remedy: "Set the key of each taint to tolerate, for example key: dedicated, value: iot, effect: NoSchedule.",
  check(object) {
    const pod = podOf(object);
    return (pod?.value.tolerations ?? []).flatMap(({ key }, index) =>
      key ? [] : [{ path: pod!.path("tolerations", index), message: "key must not be empty" }],
    );
  },
  admission: {
    validations: [
      {
        expression: `variables.pod.?tolerations.orValue([]).all(t, t.?key.orValue("") != "")`,
        message: "tolerations[*].key must not be empty.",
      },
    ],
  },
};
