import { shown } from "../../fleet/problem";
import { everyContainer, quoted } from "../admission/cel";
import { containersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const MASKED = "Default";

export const procMasked: ObjectRule = {
  subject: "object",
  id: "proc-masked",
  title: "Containers use the default /proc mount",
  why: "An unmasked /proc exposes the node's kernel memory and keys, and lets a container change kernel settings.",
  severity: "error",
  remedy: "Remove procMount from the container's securityContext.",
  check: (object) =>
    containersOf(object).flatMap(({ value, path }) => {
      const mount = value.securityContext?.procMount;
      return !mount || mount === MASKED
        ? []
        : [{ path: path("securityContext", "procMount"), message: `got ${shown(mount)}, must be ${MASKED}` }];
    }),
  admission: {
    validations: [
      {
        expression: everyContainer(
          `c.?securityContext.?procMount.orValue(${quoted(MASKED)}) in [${quoted("")}, ${quoted(MASKED)}]`,
        ),
        message: `securityContext.procMount must be ${MASKED} in every container.`,
      },
    ],
  },
};
