import { everyContainer } from "../admission/cel";
import { containersOf, podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule } from "../engine/rule";

const SHARED = ["hostNetwork", "hostPID", "hostIPC"] as const;

export const noHostNamespaces: ObjectRule = {
  subject: "object",
  id: "no-host-namespaces",
  title: "No pod shares the network, the processes, the memory or a port of its node",
  why: "On the node's network a pod is past every network policy and reaches what listens on the node alone; a port of the node is there once, so a second pod finds no room.",
  severity: "error",
  remedy: "Remove the field, and offer ports by a Service.",
  check(object) {
    const pod = podOf(object);
    if (!pod) return [];
    const shared = SHARED.filter((field) => pod.value[field]).map((field) => ({
      path: pod.path(field),
      message: "got true, allowed is false",
    }));
    const ports = containersOf(object).flatMap(({ value, path }) =>
      (value.ports ?? []).flatMap(({ hostPort }, index) =>
        hostPort
          ? [{ path: path("ports", index, "hostPort"), message: `got ${hostPort}, allowed is no port of the node` }]
          : [],
      ),
    );
    return [...shared, ...ports];
  },
  admission: {
    validations: [
      {
        expression: SHARED.map((field) => `!variables.pod.?${field}.orValue(false)`).join(" && "),
        message: "The pod shares the network, the processes or the memory of its node.",
      },
      {
        expression: everyContainer("c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)"),
        message: "A container takes a port of its node.",
      },
    ],
  },
};
