import { type ApiObjectMetadataDefinition, Lazy } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { nameAuthor } from "./model/authored";
import { annotations, type SurvivableLoss } from "../fleet/labels";
import { DOMAIN_KEYS } from "./model/domains";
import type { Domain, PlacementContext, PlacementConstraint } from "./model/constraint";
import { renderAuthored, Placement, type PlacementProps } from "./placement";
import { countReplicas, isReplicatedKind } from "../fleet/kubernetes/replicas";
import { podSelectorOf } from "./model/workload";

/** Properties of {@link HighlyAvailable}. */
export interface HighlyAvailableProps extends PlacementProps {
  /**
   * Number of pods, at least 2, or `autoscaled` if an autoscaler sets it.
   *
   * @default - the replicas of the object
   */
  readonly replicas?: number | "autoscaled";
  /**
   * Most pods that may be unavailable at a time while nodes are drained; less than the number of replicas.
   *
   * @default 1
   */
  readonly maxUnavailable?: number;
  /**
   * Whether to create a PodDisruptionBudget. Set it to false if there is one already: pods with two cannot be evicted.
   *
   * @default true
   */
  readonly budget?: boolean;
  /**
   * Domains over which the pods are spread if possible. A spread of the object itself over the same domain takes
   * precedence. Use `SpreadAcrossNodes` and the like for a strict spread.
   *
   * @default ["node"]
   */
  readonly over?: readonly Domain[];
  /**
   * The loss that the workload survives: whichever node or region is lost, `minAvailable` pods keep running, also until
   * replacements start. `skerry preview --drill` checks it; nothing in the cluster enforces it.
   *
   * @default - PodDisruptionBudgets and `minDomains` alone state what drills check
   */
  readonly survives?: {
    readonly loss: SurvivableLoss;
    /**
     * Least number of pods, at least 1 and less than the number of replicas.
     *
     * @default 1
     */
    readonly minAvailable?: number;
  };
  /**
   * Name of a PriorityClass.
   *
   * @default - the priority class of the object
   */
  readonly priority?: string;
}

/**
 * Keeps a workload available when a node fails or is drained.
 *
 * Creates a PodDisruptionBudget with the name and namespace of the object, and writes:
 * - `spec.replicas` of the object.
 * - `spec.topologySpreadConstraints` of the pod template: one per domain, with `maxSkew: 1` and `ScheduleAnyway`.
 * - `spec.priorityClassName` of the pod template.
 * - `metadata.annotations` of the object: `skerry.dev/survives-loss-of` and `skerry.dev/min-available`, with `survives`.
 *
 * For a DaemonSet, a Job or a CronJob, only the priority class is written.
 *
 * Synthesis fails if there are fewer than 2 replicas, if `maxUnavailable` or `survives.minAvailable` is not less than the
 * replicas, or if `replicas` or `survives` is set for a kind without replicas.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
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
      metadata: { name, namespace: metadata.namespace, labels: getLabels(metadata) },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(maxUnavailable),
        selector: Lazy.any({ produce: () => podSelectorOf(renderAuthored(this.target)) }) as k8s.LabelSelector,
      },
    });
  }

  protected override constraints({ object, template }: PlacementContext): readonly PlacementConstraint[] {
    const { replicas, over = ["node"], priority, survives } = this.props;
    const own = (template.spec.topologySpreadConstraints ?? []).map(({ topologyKey }) => topologyKey);
    return [
      // Pods with two budgets cannot be evicted at all.
      { kind: "claim", key: "PodDisruptionBudget", value: this.node.path },
      ...(priority === undefined ? [] : [{ kind: "priority", value: priority } as const]),
      ...(typeof replicas === "number" ? [{ kind: "replicas", value: String(replicas) } as const] : []),
      ...(survives
        ? ([
            { kind: "object-annotation", key: annotations.survivesLossOf, value: survives.loss },
            { kind: "object-annotation", key: annotations.minAvailable, value: String(survives.minAvailable ?? 1) },
          ] as const)
        : []),
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
    const { replicas: requested, maxUnavailable = 1, over, survives } = this.props;
    if (over?.length === 0) return ["over: must not be empty"];
    const fields: readonly [string, number | undefined][] = [
      ["maxUnavailable", maxUnavailable],
      ["survives.minAvailable", survives?.minAvailable],
    ];
    if (!isReplicatedKind(object.kind)) {
      return [
        ...(requested === undefined ? [] : [`replicas: must not be set for ${nameAuthor(context)}, got ${requested}`]),
        ...(survives ? [`survives: must not be set for ${nameAuthor(context)}`] : []),
      ];
    }
    const replicas = requested === "autoscaled" ? Infinity : (requested ?? (countReplicas(object) as number));
    if (replicas !== Infinity && (!Number.isInteger(replicas) || replicas < 2)) {
      const source = requested === undefined ? ` from ${nameAuthor(context)}` : "";
      return [`replicas: must be an integer of at least 2, or "autoscaled", got ${replicas}${source}`];
    }
    const bound = replicas === Infinity ? "" : ` and less than the ${replicas} replicas`;
    return fields.flatMap(([field, value]) =>
      value === undefined || (Number.isInteger(value) && value >= 1 && value < replicas)
        ? []
        : [`${field}: must be an integer of at least 1${bound}, got ${value}`],
    );
  }
}

function getLabels(metadata: ApiObjectMetadataDefinition): Record<string, string> {
  return (metadata.toJson() as { labels?: Record<string, string> }).labels ?? {};
}
