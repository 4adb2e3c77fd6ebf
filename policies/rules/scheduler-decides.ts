import { formatValue } from "../../fleet/problem";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Single pods are left out: every pod names its node once it is placed. */
export const schedulerDecides: ObjectRule = {
  subject: "object",
  id: "scheduler-decides",
  title: "No pod template names the node itself",
  why: "A pod with a node's name goes past the scheduler: past taints, room, regions and devices; when that node is lost, its pods go nowhere else.",
  severity: "warning",
  remedy: "Remove nodeName, and state what the node must be by a nodeSelector or a placement construct.",
  check(object) {
    const pod = podOf(object);
    if (!pod?.value.nodeName || object.kind === "Pod") return [];
    return [{ path: pod.path("nodeName"), message: `got ${formatValue(pod.value.nodeName)}, allowed is none` }];
  },
  admission: {
    validations: [
      {
        expression: `object.kind == "Pod" || variables.pod.?nodeName.orValue("") == ""`,
        message: "The pod template names a node, and so goes past the scheduler.",
      },
    ],
  },
};
