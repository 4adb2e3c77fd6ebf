import { quantityValue } from "../../fleet/kubernetes/quantity";
import { formatValue } from "../../fleet/problem";
import { everyStarted } from "../admission/cel";
import { startedContainersIn } from "../kubernetes/pods";
import type { ClusterRule, Violation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** What a container states: a limit counts as the request where there is none, as in Kubernetes. */
const REQUESTED = ["cpu", "memory"] as const;
const LIMITED = "memory";

type Quantities = Readonly<Record<string, unknown>>;
interface Resources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

/** A quantity that is stated; null counts as 0, which is how the API server reads it. */
const statedIn = (quantities: Quantities | undefined, name: string): unknown =>
  quantities?.[name] === null ? "0" : quantities?.[name];

const above0 = (quantity: unknown): boolean => (quantityValue(quantity) ?? 0) > 0;

function violations({ pod }: PodMaker): Violation[] {
  const whole: Resources = pod.value.resources ?? {};
  return startedContainersIn(pod).flatMap(({ value, path }) => {
    const { requests = {}, limits = {} }: Resources = value.resources ?? {};
    const missing = REQUESTED.filter(
      (name) =>
        ![
          statedIn(requests, name) ?? statedIn(limits, name),
          statedIn(whole.requests, name) ?? statedIn(whole.limits, name),
        ].some(above0),
    ).map((name) => ({
      path: path("resources", "requests", name),
      message: `got ${formatValue(requests?.[name] ?? undefined)}, allowed is a quantity above 0`,
    }));
    const unlimited = [limits?.[LIMITED], whole.limits?.[LIMITED]].some(above0)
      ? []
      : [
          {
            path: path("resources", "limits", LIMITED),
            message: `got ${formatValue(limits?.[LIMITED] ?? undefined)}, allowed is a quantity above 0`,
          },
        ];
    const crossed = Object.entries(limits ?? {}).flatMap(([name, limit]) => {
      const [least, most] = [quantityValue(requests?.[name]), quantityValue(limit)];
      return least === undefined || most === undefined || least <= most
        ? []
        : [
            {
              path: path("resources", "limits", name),
              message: `got ${formatValue(limit)}, allowed is no less than the request, ${formatValue(requests?.[name])}`,
            },
          ];
    });
    return [...missing, ...unlimited, ...crossed];
  });
}

/** A limit on the processor is left to each: it slows a program down where there is room, and protects nobody. */
export const requestsAndLimits: ClusterRule = {
  subject: "cluster",
  id: "requests-and-limits",
  title: "Every container requests cpu and memory, and limits its memory, itself or by a LimitRange",
  why: "The scheduler places by requests: without them a device is filled until it swaps. Without a limit one leak takes every pod of its node along.",
  severity: "error",
  remedy: "State resources.requests.cpu, resources.requests.memory and resources.limits.memory of each container.",
  check: ({ objects }) =>
    podMakers(objects).flatMap((maker) => violations(maker).map((found) => ({ object: maker.object, ...found }))),
  admission: {
    // What a template lacks, a LimitRange may fill into its pods before they are looked at here.
    kinds: ["Pod"],
    // The API server itself refuses a limit below its request.
    validations: [
      ...REQUESTED.map((name) => ({
        expression: everyStarted(
          ["c", "variables.pod"]
            .map((of) => above0Cel(`${of}.?resources.?requests.?${name}.or(${of}.?resources.?limits.?${name})`))
            .join(" || "),
        ),
        message: `A container requests no ${name}.`,
      })),
      {
        expression: everyStarted(
          ["c", "variables.pod"].map((of) => above0Cel(`${of}.?resources.?limits.?${LIMITED}`)).join(" || "),
        ),
        message: `A container's ${LIMITED} has no limit.`,
      },
    ],
  },
};

function above0Cel(optional: string): string {
  return `quantity(${optional}.orValue("0")).isGreaterThan(quantity("0"))`;
}
