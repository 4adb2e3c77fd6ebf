import { EDGE_SCHEDULER } from "../../fleet/labels";
import { describeUnknown } from "../../fleet/problem";
import { quoted, quotedList } from "../admission/cel";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** The scheduler of pods that name none. */
const DEFAULT_SCHEDULER = "default-scheduler";
const KNOWN = [DEFAULT_SCHEDULER, EDGE_SCHEDULER];

export const schedulerKnown: ObjectRule = {
  subject: "object",
  id: "scheduler-known",
  title: "Every pod asks for a scheduler that runs",
  why: "Nobody places a pod that asks for another: it stays Pending for ever, without a word.",
  severity: "error",
  remedy: `Name ${EDGE_SCHEDULER}, or none at all for the default one.`,
  check(object) {
    const pod = podOf(object);
    const name = pod?.value.schedulerName;
    return !name || KNOWN.includes(name)
      ? []
      : [{ path: pod.path("schedulerName"), message: describeUnknown("scheduler", name, KNOWN) }];
  },
  admission: {
    validations: [
      {
        expression: `variables.pod.?schedulerName.orValue(${quoted(DEFAULT_SCHEDULER)}) in ${quotedList(KNOWN)}`,
        message: `The scheduler is not known; known are ${KNOWN.join(" and ")}.`,
      },
    ],
  },
};
