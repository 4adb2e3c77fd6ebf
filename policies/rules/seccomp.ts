import { shown } from "../../fleet/problem";
import { everyContainer, onLinux, quotedList } from "../admission/cel";
import { linuxContainersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const TYPES = ["RuntimeDefault", "Localhost"] as const;
const TYPE_RULE = `must be one of ${TYPES.join(", ")} in the container or the pod`;

export const seccomp: ObjectRule = {
  subject: "object",
  id: "seccomp",
  title: "Containers have a seccomp profile",
  why: "Most container escapes use system calls that ordinary programs never make.",
  severity: "error",
  remedy: "Set seccompProfile: {type: RuntimeDefault} in the pod's securityContext.",
  check(object) {
    const pod = podOf(object)?.value.securityContext?.seccompProfile?.type;
    return linuxContainersOf(object).flatMap(({ value, path }) => {
      const type = value.securityContext?.seccompProfile?.type ?? pod;
      if ((TYPES as readonly unknown[]).includes(type)) return [];
      const message = `got ${shown(type ?? undefined)}, ${TYPE_RULE}`;
      return [{ path: path("securityContext", "seccompProfile", "type"), message }];
    });
  },
  admission: {
    validations: [
      {
        expression: onLinux(
          everyContainer(
            "c.?securityContext.?seccompProfile.?type" +
              `.orValue(variables.pod.?securityContext.?seccompProfile.?type.orValue("")) in ${quotedList(TYPES)}`,
          ),
        ),
        message: `securityContext.seccompProfile.type must be one of ${TYPES.join(", ")} in the pod or in every container.`,
      },
    ],
  },
};
