import { shown } from "../../fleet/problem";
import { everyStarted, onLinux } from "../admission/cel";
import { isWindows, startedContainersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Ephemeral containers are exempt, because debugging tools write files. */
export const readOnlyRootFilesystem: ObjectRule = {
  subject: "object",
  id: "read-only-root-filesystem",
  title: "Containers have a read-only root file system",
  why: "With a read-only root, an attacker cannot install a program, and misplaced logs cannot fill the disk of a small device.",
  severity: "warning",
  remedy: "Set readOnlyRootFilesystem: true, and mount an emptyDir with a sizeLimit where the program writes.",
  check: (object) =>
    (isWindows(object) ? [] : startedContainersOf(object))
      .filter(({ value }) => value.securityContext?.readOnlyRootFilesystem !== true)
      .map(({ value, path }) => ({
        path: path("securityContext", "readOnlyRootFilesystem"),
        message: `got ${shown(value.securityContext?.readOnlyRootFilesystem ?? undefined)}, must be true`,
      })),
  admission: {
    validations: [
      {
        expression: onLinux(everyStarted("c.?securityContext.?readOnlyRootFilesystem.orValue(false)")),
        message: "securityContext.readOnlyRootFilesystem must be true in every container.",
      },
    ],
  },
};
