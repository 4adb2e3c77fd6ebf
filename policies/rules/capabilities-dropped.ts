import { shown } from "../../fleet/problem";
import { everyContainer, onLinux, quotedList } from "../admission/cel";
import { linuxContainersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Capabilities that the Pod Security Standards allow at level `restricted`. */
const MAY_ADD = ["NET_BIND_SERVICE"] as const;

export const capabilitiesDropped: ObjectRule = {
  subject: "object",
  id: "capabilities-dropped",
  title: "Containers drop all capabilities and add at most NET_BIND_SERVICE",
  why: "The default capabilities let a container forge packets and change file owners. Few programs need them, and each one helps an attacker to escape.",
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
                message: `got ${shown(drop ?? undefined)}, must include "ALL"`,
              },
            ]),
        ...(add ?? []).flatMap((name, index) =>
          (MAY_ADD as readonly string[]).includes(name)
            ? []
            : [
                {
                  path: path("securityContext", "capabilities", "add", index),
                  message: `got ${shown(name)}, must be ${MAY_ADD.join(", ")}`,
                },
              ],
        ),
      ];
    }),
  admission: {
    validations: [
      {
        expression: onLinux(everyContainer(`"ALL" in c.?securityContext.?capabilities.?drop.orValue([])`)),
        message: "securityContext.capabilities.drop must include ALL in every container.",
      },
      {
        expression: everyContainer(
          `c.?securityContext.?capabilities.?add.orValue([]).all(name, name in ${quotedList(MAY_ADD)})`,
        ),
        message: `securityContext.capabilities.add must contain at most ${MAY_ADD.join(", ")} in every container.`,
      },
    ],
  },
};
