import { formatValue } from "../../fleet/problem";
import { everyContainer } from "../admission/cel";
import { handlerFields, handlersOf } from "../kubernetes/handlers";
import { containersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const CALLS = ["httpGet", "tcpSocket"] as const;

export const handlersLocal: ObjectRule = {
  subject: "object",
  id: "handlers-local",
  title: "Probes and lifecycle handlers call the pod itself",
  why: "The kubelet makes these calls from the node: with a host of its choice a pod reaches through it what network policies keep from the pod, and what listens on the node alone.",
  severity: "error",
  remedy: "Remove host from the handler: the pod's own address is the default.",
  check: (object) =>
    containersOf(object)
      .flatMap(handlersOf)
      .flatMap(({ value, path }) =>
        CALLS.flatMap((call) => {
          const host = value[call]?.host;
          return host
            ? [{ path: path(call, "host"), message: `got ${formatValue(host)}, must be empty: the pod itself` }]
            : [];
        }),
      ),
  admission: {
    validations: [
      {
        expression: everyContainer(
          CALLS.flatMap((call) => handlerFields(call, "host"))
            .map((host) => `${host}.orValue("") == ""`)
            .join(" && "),
        ),
        message: "A probe or a lifecycle handler calls another host than the pod.",
      },
    ],
  },
};
