import { everyContainer } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"] as const;

export const noHostNamespaces: ObjectRule = {
  subject: "object",
  id: "no-host-namespaces",
  title: "Pods do not use the node's namespaces or ports",
  why: "On the node's network, a pod bypasses every network policy and reaches services that listen only on the node. Only one pod per node can use a host port.",
  severity: "error",
  remedy: "Remove the field, and expose ports with a Service.",
  check(object) {
    const pod = podOf(object);
    if (!pod) return [];
    const shared = NAMESPACES.filter((field) => pod.value[field]).map((field) => ({
      path: pod.path(field),
      message: "got true, must be false",
    }));
    const ports = containersOf(object).flatMap(({ value, path }) =>
      (value.ports ?? []).flatMap(({ hostPort }, index) =>
        hostPort ? [{ path: path("ports", index, "hostPort"), message: `got ${hostPort}, must not be set` }] : [],
      ),
    );
    return [...shared, ...ports];
  },
  admission: {
    validations: [
      {
        expression: NAMESPACES.map((field) => `!variables.pod.?${field}.orValue(false)`).join(" && "),
        message: `${NAMESPACES.join(", ")} must be false.`,
      },
      {
        expression: everyContainer("c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)"),
        message: "ports[*].hostPort must not be set in any container.",
      },
    ],
  },
};
