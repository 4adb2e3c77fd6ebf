import type { Construct } from "constructs";

import { annotations, EDGE_SCHEDULER } from "../fleet/labels";
import { formatValue } from "../fleet/problem";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Weight of each resource in a node's score. Weights must not be negative, and at least one must be greater than 0. */
export interface ProfileWeights {
  /** @default 0 */
  readonly cpu?: number;
  /** @default 0 */
  readonly memory?: number;
  /** Random reads and writes of the disk. @default 0 */
  readonly io?: number;
  /** @default 0 */
  readonly network?: number;
}

/** Named weights: 0.7 for one resource and 0.1 for each of the others, or 0.25 for each. */
export type ProfileClass = "cpu-heavy" | "memory-heavy" | "io-heavy" | "network-heavy" | "balanced";

const DIMENSIONS = ["cpu", "memory", "io", "network"] as const;

/** Properties of {@link WithProfile}. */
export interface WithProfileProps extends PlacementProps {
  /** Weights of the resources, or the name of a set of weights. */
  readonly profile: ProfileClass | ProfileWeights;
  /**
   * Random reads of 4 KiB that the workload needs, per second. Resource requests cannot express them.
   *
   * @default - no demand
   */
  readonly iops?: number;
  /**
   * Network bandwidth that the workload needs, in Mbit/s.
   *
   * @default - no demand
   */
  readonly networkMbps?: number;
}

/**
 * Prefers nodes whose hardware suits the resources that a workload uses most.
 *
 * Writes to the pod template:
 * - `spec.schedulerName`: `edge-scheduler`, whose ResourceProfile plugin scores nodes by the profile.
 * - `metadata.annotations`: the resource profile and, with `iops` or `networkMbps`, the resource demand.
 *
 * It has no effect on a DaemonSet. Synthesis fails if a weight is negative, if all are 0, or if a demand is not greater
 * than 0.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/configure-multiple-schedulers/#specify-schedulers-for-pods
 *
 * @example
 * new WithProfile(chart, "reads-much", { workload: detector, profile: { io: 0.8, cpu: 0.2 }, iops: 500 });
 */
export class WithProfile extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WithProfileProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ perNode }: PlacementContext): readonly PlacementConstraint[] {
    if (perNode) return [];
    const demand = this.demands().map(([name, value]) => `${name}=${value}`);
    return [
      { kind: "scheduler", value: EDGE_SCHEDULER },
      { kind: "annotation", key: annotations.resourceProfile, value: this.formatProfile() },
      ...(demand.length > 0
        ? [{ kind: "annotation", key: annotations.resourceDemand, value: demand.join(",") } as const]
        : []),
    ];
  }

  protected override problems(): readonly string[] {
    const problems = this.demands()
      .filter(([, value]) => !(value > 0 && Number.isFinite(value)))
      .map(([name, value]) => `${name}: must be greater than 0, got ${formatValue(value)}`);
    const { profile } = this.props;
    if (typeof profile === "string") return problems;
    const weights = DIMENSIONS.flatMap((name) => profile[name] ?? []);
    const valid =
      weights.every((weight) => weight >= 0 && Number.isFinite(weight)) && weights.some((weight) => weight > 0);
    return valid
      ? problems
      : [
          ...problems,
          `profile: weights must not be negative and must not all be 0, got ${this.formatProfile() || "no weights"}`,
        ];
  }

  private formatProfile(): string {
    const { profile } = this.props;
    if (typeof profile === "string") return profile;
    return DIMENSIONS.filter((name) => profile[name] !== undefined)
      .map((name) => `${name}=${profile[name]}`)
      .join(",");
  }

  private demands(): (readonly [string, number])[] {
    const { iops, networkMbps } = this.props;
    return [
      ...(iops === undefined ? [] : [["iops", iops] as const]),
      ...(networkMbps === undefined ? [] : [["networkMbps", networkMbps] as const]),
    ];
  }
}
