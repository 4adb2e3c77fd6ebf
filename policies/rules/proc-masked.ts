import { formatValue } from "../../fleet/problem";
import { everyContainer, quoted } from "../admission/cel";
import { containersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const MASKED = "Default";

export const procMasked: ObjectRule = {
  subject: "object",
  id: "proc-masked",
  title: "Every container's /proc is masked",
  why: "Unmasked, /proc shows a container the node's kernel memory and keys, and lets it change how the kernel runs.",
  severity: "error",
  remedy: "Remove procMount from the container's securityContext.",
  check: (object) =>
    containersOf(object).flatMap(({ value, path }) => {
      const mount = value.securityContext?.procMount;
      return !mount || mount === MASKED
        ? []
        : [{ path: path("securityContext", "procMount"), message: `got ${formatValue(mount)}, must be ${MASKED}` }];
    }),
  admission: {
    validations: [
      {
        expression: everyContainer(
          `c.?securityContext.?procMount.orValue(${quoted(MASKED)}) in [${quoted("")}, ${quoted(MASKED)}]`,
        ),
        message: "A container's /proc is not masked.",
      },
    ],
  },
};
