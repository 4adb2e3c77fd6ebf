import { shown } from "../../fleet/problem";
import { everyContainer } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

export const runAsNonRoot: ObjectRule = {
  subject: "object",
  id: "run-as-non-root",
  title: "Containers run as non-root",
  why: "Root in a container becomes root on the node as soon as the runtime or the kernel has a vulnerability.",
  severity: "error",
  remedy: "Set runAsNonRoot: true and, except on Windows, a runAsUser greater than 0 in the pod's securityContext.",
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
                message: `got ${shown(nonRoot ?? undefined)}, must be true in the container or the pod`,
              },
            ]),
        ...(user === 0
          ? [{ path: path("securityContext", "runAsUser"), message: "got 0 (root), must be greater than 0" }]
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
        message: "securityContext.runAsNonRoot must be true in the pod or in every container.",
      },
      {
        expression: everyContainer(
          "c.?securityContext.?runAsUser.orValue(variables.pod.?securityContext.?runAsUser.orValue(1)) != 0",
        ),
        message: "securityContext.runAsUser must not be 0 (root) in the pod or in any container.",
      },
    ],
  },
};
