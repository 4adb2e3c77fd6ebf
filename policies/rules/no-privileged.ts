import { everyContainer } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const PRIVILEGED = ["securityContext", "privileged"] as const;
/** The equivalent on Windows. */
const HOST_PROCESS = ["securityContext", "windowsOptions", "hostProcess"] as const;
const message = "got true, must be false";

export const noPrivileged: ObjectRule = {
  subject: "object",
  id: "no-privileged",
  title: "Containers are neither privileged nor Windows host processes",
  why: "A privileged container is root on its node, with access to every device and to the data of every other pod.",
  severity: "error",
  remedy:
    "Remove privileged and windowsOptions.hostProcess. Add only the capability or the device that the container needs.",
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
        message: "securityContext.privileged must be false in every container.",
      },
      {
        expression:
          "!variables.pod.?securityContext.?windowsOptions.?hostProcess.orValue(false) && " +
          everyContainer("!c.?securityContext.?windowsOptions.?hostProcess.orValue(false)"),
        message: "securityContext.windowsOptions.hostProcess must be false in the pod and in every container.",
      },
    ],
  },
};
