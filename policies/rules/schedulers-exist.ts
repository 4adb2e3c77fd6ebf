import { DEFAULT_SCHEDULER, EDGE_SCHEDULER } from "../../fleet/labels";
import { describeUnknown } from "../../fleet/problem";
import { quoted, quotedList } from "../admission/cel";
import { podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule } from "../engine/rule";

const SCHEDULERS = [DEFAULT_SCHEDULER, EDGE_SCHEDULER];

export const schedulersExist: ObjectRule = {
  subject: "object",
  id: "schedulers-exist",
  title: "Pods name a scheduler that runs in the cluster",
  why: "A pod that names an unknown scheduler stays Pending without an event.",
  severity: "error",
  remedy: `Set schedulerName to ${EDGE_SCHEDULER}, or leave it empty for the default scheduler.`,
  check(object) {
    const pod = podOf(object);
    const name = pod?.value.schedulerName;
    return !name || SCHEDULERS.includes(name)
      ? []
      : [{ path: pod.path("schedulerName"), message: describeUnknown("scheduler", name, SCHEDULERS) }];
  },
  admission: {
    validations: [
      {
        expression: `variables.pod.?schedulerName.orValue(${quoted(DEFAULT_SCHEDULER)}) in ${quotedList(SCHEDULERS)}`,
        message: `schedulerName must be one of ${SCHEDULERS.join(", ")}.`,
      },
    ],
  },
};
