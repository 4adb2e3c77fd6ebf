import { everyContainer } from "../admission/cel";
import { containersOf, podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule } from "../engine/rule";

const PRIVILEGED = ["securityContext", "privileged"] as const;
/** What Windows has for it. */
const HOST_PROCESS = ["securityContext", "windowsOptions", "hostProcess"] as const;
const message = "got true, allowed is false";

export const noPrivileged: ObjectRule = {
  subject: "object",
  id: "no-privileged",
  title: "No container is privileged, or a host process of Windows",
  why: "A privileged container is root on its node, with every device and every other pod's data in reach.",
  severity: "error",
  remedy:
    "Remove privileged and windowsOptions.hostProcess, and add the one capability or mount the one device that is needed.",
  check(object) {
    const pod = podOf(object);
    return [
      ...(pod?.value.securityContext?.windowsOptions?.hostProcess
        ? [{ path: pod.path(...HOST_PROCESS), message }]
        : []),
      ...containersOf(object).flatMap(({ value: { securityContext }, path }) => [
        ...(securityContext?.privileged ? [{ path: path(...PRIVILEGED), message }] : []),
        ...(securityContext?.windowsOptions?.hostProcess ? [{ path: path(...HOST_PROCESS), message }] : []),
      ]),
    ];
  },
  admission: {
    validations: [
      {
        expression: everyContainer("!c.?securityContext.?privileged.orValue(false)"),
        message: "A container is privileged.",
      },
      {
        expression:
          "!variables.pod.?securityContext.?windowsOptions.?hostProcess.orValue(false) && " +
          everyContainer("!c.?securityContext.?windowsOptions.?hostProcess.orValue(false)"),
        message: "A container is a host process of Windows.",
      },
    ],
  },
};
