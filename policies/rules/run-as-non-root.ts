import { formatValue } from "../../fleet/problem";
import { everyContainer } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

export const runAsNonRoot: ObjectRule = {
  subject: "object",
  id: "run-as-non-root",
  title: "No container runs as root",
  why: "Root in a container is root on the node as soon as the runtime or the kernel has a hole.",
  severity: "error",
  remedy: "Set runAsNonRoot: true and, except on Windows, a runAsUser above 0 in the pod's securityContext.",
  check(object) {
    const pod = podOf(object)?.value.securityContext;
    return containersOf(object).flatMap(({ value, path }) => {
      const nonRoot = value.securityContext?.runAsNonRoot ?? pod?.runAsNonRoot;
      const user = value.securityContext?.runAsUser ?? pod?.runAsUser;
      return [
        ...(nonRoot === true
          ? []
          : [
              {
                path: path("securityContext", "runAsNonRoot"),
                message: `got ${formatValue(nonRoot ?? undefined)}, allowed is true, here or for the whole pod`,
              },
            ]),
        ...(user === 0
          ? [{ path: path("securityContext", "runAsUser"), message: "got 0 (root), allowed is a number above 0" }]
          : []),
      ];
    });
  },
  admission: {
    validations: [
      {
        expression: everyContainer(
          "c.?securityContext.?runAsNonRoot.orValue(variables.pod.?securityContext.?runAsNonRoot.orValue(false))",
        ),
        message: "A container may run as root: runAsNonRoot is true neither for it nor for its pod.",
      },
      {
        expression: everyContainer(
          "c.?securityContext.?runAsUser.orValue(variables.pod.?securityContext.?runAsUser.orValue(1)) != 0",
        ),
        message: "A container runs as user 0, which is root.",
      },
    ],
  },
};
