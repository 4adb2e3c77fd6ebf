import { type ApiObjectMetadataDefinition, Lazy } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { nameAuthor } from "./model/authored";
import { DOMAIN_KEYS } from "./model/domains";
import type { Domain, PlacementContext, PlacementConstraint } from "./model/constraint";
import { renderAuthored, Placement, type PlacementProps } from "./placement";
import { countReplicas, isReplicatedKind } from "../fleet/kubernetes/replicas";
import { podSelectorOf } from "./model/workload";

export interface HighlyAvailableProps extends PlacementProps {
  /**
   * How many pods, 2 or more; `autoscaled` where somebody else sets the number.
   * @default what the object says
   */
  readonly replicas?: number | "autoscaled";
  /** How many of them may be away at a time while nodes are drained, below the number of replicas. @default 1 */
  readonly maxUnavailable?: number;
  /** Whether to make the budget; a chart that others made may bring its own, and pods must not have two. @default true */
  readonly budget?: boolean;
  /**
   * Over what they are spread, as well as can be, where the object does not say how itself; a stricter spread is a
   * construct of its own.
   * @default ["node"]
   */
  readonly over?: readonly Domain[];
  /** Name of a PriorityClass of the cluster. @default what the object says */
  readonly priority?: string;
}

/**
 * A workload that goes on when a node is lost or drained: several replicas, spread, with a PodDisruptionBudget (named
 * like the object) and, if stated, a priority. Kinds without replicas take the priority alone: a DaemonSet is on every
 * node anyway, and a Job is done once.
 *
 * @example
 * new HighlyAvailable(chart, "always-there", { workload: detector, replicas: 3, over: ["zone", "node"] });
 */
export class HighlyAvailable extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: HighlyAvailableProps,
  ) {
    super(scope, id, props);
    const { kind, name, metadata } = this.target;
    const { maxUnavailable = 1, budget = true } = props;
    if (!budget || !isReplicatedKind(kind)) return;
    new k8s.KubePodDisruptionBudget(this, "budget", {
      metadata: { name, namespace: metadata.namespace, labels: labelsOf(metadata) },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(maxUnavailable),
        selector: Lazy.any({ produce: () => podSelectorOf(renderAuthored(this.target)) }) as k8s.LabelSelector,
      },
    });
  }

  protected override constraints({ object, template }: PlacementContext): readonly PlacementConstraint[] {
    const { replicas, over = ["node"], priority } = this.props;
    const own = (template.spec.topologySpreadConstraints ?? []).map(({ topologyKey }) => topologyKey);
    return [
      // Pods with two budgets cannot be evicted at all.
      { kind: "claim", key: "what keeps them available", value: this.node.path },
      ...(priority === undefined ? [] : [{ kind: "priority", value: priority } as const]),
      ...(typeof replicas === "number" ? [{ kind: "replicas", value: String(replicas) } as const] : []),
      ...(isReplicatedKind(object.kind)
        ? over
            .filter((each) => !own.includes(DOMAIN_KEYS[each]))
            .map((each): PlacementConstraint => ({
              kind: "spread",
              over: each,
              maxSkew: 1,
              whenUnsatisfiable: "ScheduleAnyway",
            }))
        : []),
    ];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    const { object } = context;
    const { replicas: stated, maxUnavailable = 1, over } = this.props;
    if (over?.length === 0) return ["over: got an empty list, allowed one domain or more"];
    if (!isReplicatedKind(object.kind)) {
      return stated === undefined
        ? []
        : [`replicas: got ${stated}, but ${nameAuthor(context)} has none: leave them out`];
    }
    if (stated === "autoscaled") return [];
    const replicas = stated ?? (countReplicas(object) as number);
    if (!Number.isInteger(replicas) || replicas < 2) {
      const source = stated === undefined ? ` by ${nameAuthor(context)}` : "";
      return [`replicas: got ${replicas}${source}, allowed whole numbers from 2, or "autoscaled"`];
    }
    return Number.isInteger(maxUnavailable) && maxUnavailable >= 1 && maxUnavailable < replicas
      ? []
      : [`maxUnavailable: got ${maxUnavailable}, allowed whole numbers from 1, below the ${replicas} replicas`];
  }
}

function labelsOf(metadata: ApiObjectMetadataDefinition): Record<string, string> {
  return (metadata.toJson() as { labels?: Record<string, string> }).labels ?? {};
}
