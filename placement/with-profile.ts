import type { Construct } from "constructs";

import { annotations, EDGE_SCHEDULER } from "../fleet/labels";
import { formatValue } from "../fleet/problem";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** How much each dimension counts: not negative, and not all 0. Those left out count nothing. */
export interface ProfileWeights {
  readonly cpu?: number;
  readonly memory?: number;
  readonly io?: number;
  readonly network?: number;
}

/** Weights with a name: 0.7 for the one dimension and 0.1 for each other, or 0.25 for each. */
export type ProfileClass = "cpu-heavy" | "memory-heavy" | "io-heavy" | "network-heavy" | "balanced";

const DIMENSIONS = ["cpu", "memory", "io", "network"] as const;

export interface WithProfileProps extends PlacementProps {
  readonly profile: ProfileClass | ProfileWeights;
  /** Random reads of 4 KiB a second that it needs; requests cannot state them. @default not stated */
  readonly iops?: number;
  /** Megabits a second that it needs. @default not stated */
  readonly networkMbps?: number;
}

/**
 * Sends a workload to nodes of the shape that it prefers, as far as the edge scheduler has a choice: a DaemonSet has none.
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
      { kind: "annotation", key: annotations.resourceProfile, value: this.text() },
      ...(demand.length > 0
        ? [{ kind: "annotation", key: annotations.resourceDemand, value: demand.join(",") } as const]
        : []),
    ];
  }

  protected override problems(): readonly string[] {
    const positive = this.demands()
      .filter(([, value]) => !(value > 0 && Number.isFinite(value)))
      .map(([name, value]) => `${name}: got ${formatValue(value)}, allowed numbers above 0`);
    const { profile } = this.props;
    if (typeof profile === "string") return positive;
    const weights = DIMENSIONS.flatMap((name) => profile[name] ?? []);
    const good =
      weights.every((weight) => weight >= 0 && Number.isFinite(weight)) && weights.some((weight) => weight > 0);
    return good
      ? positive
      : [
          ...positive,
          `profile: got ${this.text() || "no weights"}, allowed weights that are not negative, and not all 0`,
        ];
  }

  private text(): string {
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
