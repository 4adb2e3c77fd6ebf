import { shown } from "../../fleet/problem";
import { everyContainer, onLinux } from "../admission/cel";
import { linuxContainersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

export const noPrivilegeEscalation: ObjectRule = {
  subject: "object",
  id: "no-privilege-escalation",
  title: "Containers do not allow privilege escalation",
  why: "A set-user-ID program in the image, such as sudo or ping, restores the privileges that running as non-root removed.",
  severity: "error",
  remedy: "Set allowPrivilegeEscalation: false in the container's securityContext.",
  check: (object) =>
    linuxContainersOf(object)
      .filter(({ value }) => value.securityContext?.allowPrivilegeEscalation !== false)
      .map(({ value, path }) => ({
        path: path("securityContext", "allowPrivilegeEscalation"),
        message: `got ${shown(value.securityContext?.allowPrivilegeEscalation ?? undefined)}, must be false`,
      })),
  admission: {
    validations: [
      {
        expression: onLinux(everyContainer("!c.?securityContext.?allowPrivilegeEscalation.orValue(true)")),
        message: "securityContext.allowPrivilegeEscalation must be false in every container.",
      },
    ],
  },
};
