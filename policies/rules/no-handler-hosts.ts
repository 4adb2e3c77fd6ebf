import { shown } from "../../fleet/problem";
import { everyContainer } from "../admission/cel";
import { handlerFields, handlersOf } from "../kubernetes/handlers";
import { containersOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const NETWORK_HANDLERS = ["httpGet", "tcpSocket"] as const;

export const noHandlerHosts: ObjectRule = {
  subject: "object",
  id: "no-handler-hosts",
  title: "Probes and lifecycle handlers do not set a host",
  why: "The kubelet makes these calls from the node. By setting a host, a pod can make the kubelet bypass network policies and call services that listen only on the node.",
  severity: "error",
  remedy: "Remove host from the handler. It defaults to the pod's IP address.",
  check: (object) =>
    containersOf(object)
      .flatMap(handlersOf)
      .flatMap(({ value, path }) =>
        NETWORK_HANDLERS.flatMap((handler) => {
          const host = value[handler]?.host;
          return host ? [{ path: path(handler, "host"), message: `got ${shown(host)}, must be empty` }] : [];
        }),
      ),
  admission: {
    validations: [
      {
        expression: everyContainer(
          NETWORK_HANDLERS.flatMap((handler) => handlerFields(handler, "host"))
            .map((host) => `${host}.orValue("") == ""`)
            .join(" && "),
        ),
        message: "host must be empty in every probe and lifecycle handler.",
      },
    ],
  },
};
