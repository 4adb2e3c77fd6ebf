import { formatValue } from "../../fleet/problem";
import { everyContainer, onLinux } from "../admission/cel";
import { linuxContainersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

export const noPrivilegeEscalation: ObjectRule = {
  subject: "object",
  id: "no-privilege-escalation",
  title: "No container's process can gain more rights than it started with",
  why: "A set-user-id program in the image, as sudo or ping, would give back what dropping root took away.",
  severity: "error",
  remedy: "Set allowPrivilegeEscalation: false in the container's securityContext.",
  check: (object) =>
    linuxContainersOf(object)
      .filter(({ value }) => value.securityContext?.allowPrivilegeEscalation !== false)
      .map(({ value, path }) => ({
        path: path("securityContext", "allowPrivilegeEscalation"),
        message: `got ${formatValue(value.securityContext?.allowPrivilegeEscalation ?? undefined)}, allowed is false`,
      })),
  admission: {
    validations: [
      {
        expression: onLinux(everyContainer("!c.?securityContext.?allowPrivilegeEscalation.orValue(true)")),
        message: "A container's processes can gain more rights than they started with.",
      },
    ],
  },
};
