import { everyContainer } from "../admission/cel";
import { containersOf } from "../pods";
import type { ObjectRule } from "../rule";

export const noPrivileged: ObjectRule = {
  subject: "object",
  id: "no-privileged",
  title: "No container is privileged",
  why: "A privileged container is root on its node, with every device and every other pod's data in reach.",
  severity: "error",
  remedy: "Remove securityContext.privileged, and add the one capability or mount the one device that is needed.",
  check: (object) =>
    containersOf(object)
      .filter(({ value }) => value.securityContext?.privileged)
      .map(({ path }) => ({ path: path("securityContext", "privileged"), message: "got true, allowed is false" })),
  admission: {
    validations: [
      {
        expression: everyContainer("!c.?securityContext.?privileged.orValue(false)"),
        message: "A container is privileged.",
      },
    ],
  },
};
