import { formatValue } from "../../fleet/problem";
import { everyContainer, onLinux, quotedList } from "../admission/cel";
import { linuxContainersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** What may be added: the one that Kubernetes' `restricted` pod security level allows. */
const MAY_ADD = ["NET_BIND_SERVICE"] as const;

export const capabilitiesDropped: ObjectRule = {
  subject: "object",
  id: "capabilities-dropped",
  title: "Every container drops all capabilities, and adds none but NET_BIND_SERVICE",
  why: "By default a container may forge packets, change owners of files and more that hardly any program needs, and each helps to break out.",
  severity: "error",
  remedy: `Set capabilities: {drop: [ALL]} in the container's securityContext, and add ${MAY_ADD.join(", ")} at most.`,
  check: (object) =>
    linuxContainersOf(object).flatMap(({ value, path }) => {
      const { drop, add } = value.securityContext?.capabilities ?? {};
      return [
        ...(drop?.includes("ALL")
          ? []
          : [
              {
                path: path("securityContext", "capabilities", "drop"),
                message: "lacks ALL, allowed is a list with it",
              },
            ]),
        ...(add ?? []).flatMap((name, index) =>
          (MAY_ADD as readonly string[]).includes(name)
            ? []
            : [
                {
                  path: path("securityContext", "capabilities", "add", index),
                  message: `got ${formatValue(name)}, allowed is ${MAY_ADD.join(", ")}`,
                },
              ],
        ),
      ];
    }),
  admission: {
    validations: [
      {
        expression: onLinux(everyContainer(`"ALL" in c.?securityContext.?capabilities.?drop.orValue([])`)),
        message: "A container does not drop all capabilities.",
      },
      {
        expression: everyContainer(
          `c.?securityContext.?capabilities.?add.orValue([]).all(name, name in ${quotedList(MAY_ADD)})`,
        ),
        message: `A container adds a capability other than ${MAY_ADD.join(", ")}.`,
      },
    ],
  },
};
