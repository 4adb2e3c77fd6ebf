import { quantityValue } from "../../fleet/kubernetes/quantity";
import { shown } from "../../fleet/problem";
import { everyStarted } from "../admission/cel";
import { startedContainersIn } from "../kubernetes/pods";
import type { ClusterRule, Violation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** Resources that need a request. Without one, Kubernetes uses the limit as the request. */
const REQUESTED = ["cpu", "memory"] as const;
const LIMITED = "memory";

type Quantities = Readonly<Record<string, unknown>>;
interface Resources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

/** Returns a quantity. The API server reads null as 0. */
const quantityOf = (quantities: Quantities | undefined, name: string): unknown =>
  quantities?.[name] === null ? "0" : quantities?.[name];

const isPositive = (quantity: unknown): boolean => (quantityValue(quantity) ?? 0) > 0;

function checkContainers({ pod }: PodMaker): Violation[] {
  const podResources: Resources = pod.value.resources ?? {};
  return startedContainersIn(pod).flatMap(({ value, path }) => {
    const { requests = {}, limits = {} }: Resources = value.resources ?? {};
    const missing = REQUESTED.filter(
      (name) =>
        ![
          quantityOf(requests, name) ?? quantityOf(limits, name),
          quantityOf(podResources.requests, name) ?? quantityOf(podResources.limits, name),
        ].some(isPositive),
    ).map((name) => ({
      path: path("resources", "requests", name),
      message: `got ${shown(requests?.[name] ?? undefined)}, must be greater than 0`,
    }));
    const unlimited = [limits?.[LIMITED], podResources.limits?.[LIMITED]].some(isPositive)
      ? []
      : [
          {
            path: path("resources", "limits", LIMITED),
            message: `got ${shown(limits?.[LIMITED] ?? undefined)}, must be greater than 0`,
          },
        ];
    const inverted = Object.entries(limits ?? {}).flatMap(([name, limit]) => {
      const [request, max] = [quantityValue(requests?.[name]), quantityValue(limit)];
      return request === undefined || max === undefined || request <= max
        ? []
        : [
            {
              path: path("resources", "limits", name),
              message: `got ${shown(limit)}, must be at least the request, ${shown(requests?.[name])}`,
            },
          ];
    });
    return [...missing, ...unlimited, ...inverted];
  });
}

/** CPU limits are optional: they throttle a program even on an idle node, and requests already protect the others. */
export const requestsAndLimits: ClusterRule = {
  subject: "cluster",
  id: "requests-and-limits",
  title: "Containers request CPU and memory and limit memory",
  why: "The scheduler places pods by their requests. Without requests, it overcommits a node. Without a memory limit, one leak can take down every pod on the node.",
  severity: "error",
  remedy:
    "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory in each container, or set defaults in a LimitRange.",
  check: ({ objects }) =>
    podMakers(objects).flatMap((maker) =>
      checkContainers(maker).map((violation) => ({ object: maker.object, ...violation })),
    ),
  admission: {
    // A LimitRange may add defaults to the pods of a template before this policy sees them.
    kinds: ["Pod"],
    // The API server itself rejects a limit below the request.
    validations: [
      ...REQUESTED.map((name) => ({
        expression: everyStarted(
          ["c", "variables.pod"]
            .map((holder) =>
              isPositiveCel(`${holder}.?resources.?requests.?${name}.or(${holder}.?resources.?limits.?${name})`),
            )
            .join(" || "),
        ),
        message: `resources.requests.${name} must be greater than 0 in every container.`,
      })),
      {
        expression: everyStarted(
          ["c", "variables.pod"]
            .map((holder) => isPositiveCel(`${holder}.?resources.?limits.?${LIMITED}`))
            .join(" || "),
        ),
        message: `resources.limits.${LIMITED} must be greater than 0 in every container.`,
      },
    ],
  },
};

function isPositiveCel(optional: string): string {
  return `quantity(${optional}.orValue("0")).isGreaterThan(quantity("0"))`;
}
