import { shown } from "../../fleet/problem";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Pods are exempt: the scheduler sets nodeName in every pod. */
export const noNodeName: ObjectRule = {
  subject: "object",
  id: "no-node-name",
  title: "Pod templates do not set nodeName",
  why: "A pod with a nodeName bypasses the scheduler, and with it taints, capacity, regions and devices. When the node is lost, its pods do not move to another node.",
  severity: "warning",
  remedy: "Remove nodeName, and select nodes with a nodeSelector or a placement construct.",
  check(object) {
    const pod = podOf(object);
    if (!pod?.value.nodeName || object.kind === "Pod") return [];
    return [{ path: pod.path("nodeName"), message: `got ${shown(pod.value.nodeName)}, must be empty` }];
  },
  admission: {
    validations: [
      {
        expression: `object.kind == "Pod" || variables.pod.?nodeName.orValue("") == ""`,
        message: "nodeName must be empty in a pod template.",
      },
    ],
  },
};
