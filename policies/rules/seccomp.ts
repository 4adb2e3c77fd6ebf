import { formatValue } from "../../fleet/problem";
import { everyContainer, onLinux, quotedList } from "../admission/cel";
import { linuxContainersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const ALLOWED = ["RuntimeDefault", "Localhost"] as const;

export const seccomp: ObjectRule = {
  subject: "object",
  id: "seccomp",
  title: "Every container's system calls are filtered",
  why: "Most ways out of a container go through system calls that no ordinary program makes.",
  severity: "error",
  remedy: "Set seccompProfile: {type: RuntimeDefault} in the pod's securityContext.",
  check(object) {
    const pod = podOf(object)?.value.securityContext?.seccompProfile?.type;
    return linuxContainersOf(object).flatMap(({ value, path }) => {
      const type = value.securityContext?.seccompProfile?.type ?? pod;
      if ((ALLOWED as readonly unknown[]).includes(type)) return [];
      const message = `got ${formatValue(type ?? undefined)}, allowed is ${ALLOWED.join(" or ")}, here or for the whole pod`;
      return [{ path: path("securityContext", "seccompProfile", "type"), message }];
    });
  },
  admission: {
    validations: [
      {
        expression: onLinux(
          everyContainer(
            "c.?securityContext.?seccompProfile.?type" +
              `.orValue(variables.pod.?securityContext.?seccompProfile.?type.orValue("")) in ${quotedList(ALLOWED)}`,
          ),
        ),
        message: "A container's system calls are not filtered: it has no seccomp profile.",
      },
    ],
  },
};
