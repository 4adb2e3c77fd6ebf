import { formatValue } from "../../fleet/problem";
import { everyStarted, onLinux } from "../admission/cel";
import { isWindows, startedContainersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Ephemeral containers are left out: who looks around in a pod brings tools that write. */
export const readOnlyRoot: ObjectRule = {
  subject: "object",
  id: "read-only-root",
  title: "Every container's root file system is read-only",
  why: "What breaks in cannot leave a program behind, and a log in the wrong place cannot fill the disk of a small device.",
  severity: "warning",
  remedy: "Set readOnlyRootFilesystem: true, and mount an emptyDir with a sizeLimit where the program writes.",
  check: (object) =>
    (isWindows(object) ? [] : startedContainersOf(object))
      .filter(({ value }) => value.securityContext?.readOnlyRootFilesystem !== true)
      .map(({ value, path }) => ({
        path: path("securityContext", "readOnlyRootFilesystem"),
        message: `got ${formatValue(value.securityContext?.readOnlyRootFilesystem ?? undefined)}, allowed is true`,
      })),
  admission: {
    validations: [
      {
        expression: onLinux(everyStarted("c.?securityContext.?readOnlyRootFilesystem.orValue(false)")),
        message: "A container can write to its root file system.",
      },
    ],
  },
};
