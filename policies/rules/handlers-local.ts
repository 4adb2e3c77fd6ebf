import { shown } from "../../fleet/problem";
import { everyContainer } from "../admission/cel";
import { containersOf } from "../pods";
import type { ObjectRule } from "../rule";

/** Everything that a kubelet calls: probes and lifecycle handlers. */
const HANDLERS = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
] as const;
const CALLS = ["httpGet", "tcpSocket"] as const;

type Handler = Partial<Record<(typeof CALLS)[number], { readonly host?: string }>>;

export const handlersLocal: ObjectRule = {
  subject: "object",
  id: "handlers-local",
  title: "Probes and lifecycle handlers call the pod itself",
  why: "The kubelet makes these calls from the node: with a host of its choice a pod reaches through it what network policies keep from the pod, and what listens on the node alone.",
  severity: "error",
  remedy: "Remove host from the handler: the pod's own address is the default.",
  check: (object) =>
    containersOf(object).flatMap(({ value, path }) =>
      HANDLERS.flatMap((steps) => {
        const handler = steps.reduce<unknown>(
          (at, step) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[step],
          value,
        ) as Handler | null | undefined;
        return CALLS.flatMap((call) => {
          const host = handler?.[call]?.host;
          return host
            ? [{ path: path(...steps, call, "host"), message: `got ${shown(host)}, must be empty: the pod itself` }]
            : [];
        });
      }),
    ),
  admission: {
    validations: [
      {
        expression: everyContainer(
          HANDLERS.flatMap((steps) =>
            CALLS.map((call) => `c${steps.map((step) => `.?${step}`).join("")}.?${call}.?host.orValue("") == ""`),
          ).join(" && "),
        ),
        message: "A probe or a lifecycle handler calls another host than the pod.",
      },
    ],
  },
};
