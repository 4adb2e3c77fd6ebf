import { Duration } from "cdk8s";
import type { Construct } from "constructs";

import { annotations, EDGE_SCHEDULER, labels } from "../fleet/labels";
import type { Fleet } from "../fleet/model";
import { describeUnknown } from "../fleet/problem";
import { claims } from "./model/authored";
import { type FleetScope, linkBetween } from "./fleet-scope";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Longest budget that the scheduler takes, in ms. */
const LONGEST_MS = 1e6;

export interface NearRegionProps extends PlacementProps {
  /** The region that the workload serves: round trips count from there. */
  readonly region: string;
  /**
   * Where it may run when there is no room in the region, in this order, and nowhere else.
   * @default every region within the budget, the nearer the better
   */
  readonly fallback?: readonly string[];
  /** Longest round trip from the region to the node. @default 50 ms */
  readonly maxRtt?: Duration;
}

/**
 * Keeps a workload within a round-trip budget of the region that it serves, falling back in a stated order. Below
 * `placeIn`, a budget that nothing in the cluster meets fails at once.
 *
 * @example
 * new NearRegion(chart, "near-tokyo", {
 *   workload: detector,
 *   region: "tokyo",
 *   fallback: ["osaka", "sydney"],
 *   maxRtt: Duration.millis(120),
 * });
 */
export class NearRegion extends Placement {
  private readonly region: string;
  private readonly fallback: readonly string[];
  private readonly maxMs: number;

  constructor(scope: Construct, id: string, props: NearRegionProps) {
    super(scope, id, props);
    const { region, fallback = [], maxRtt = Duration.millis(50) } = props;
    this.region = region;
    this.fallback = fallback;
    this.maxMs = maxRtt.toMilliseconds();
  }

  protected override constraints({ perNode, scope }: PlacementContext): readonly PlacementConstraint[] {
    const { region, fallback, maxMs } = this;
    const served: PlacementConstraint = { kind: "claim", key: claims.served, value: region };
    const key = this.ordered ? labels.edgeRegion : labels.topologyRegion;
    const reach: PlacementConstraint[] = scope ? [{ kind: "reach", key, values: this.regionsInReach(scope) }] : [];
    if (perNode) return [served, ...reach];
    const budget: readonly PlacementConstraint[] = [
      served,
      { kind: "scheduler", value: EDGE_SCHEDULER },
      { kind: "annotation", key: annotations.maxRttMs, value: String(maxMs) },
    ];
    if (!this.ordered) return [...budget, ...reach, { kind: "annotation", key: annotations.nearRegion, value: region }];
    return [
      ...budget,
      { kind: "reach", key: labels.edgeRegion, values: [region, ...fallback] },
      { kind: "label", key: labels.requiredRegion, value: region },
      { kind: "annotation", key: annotations.fallbackRegions, value: fallback.join(",") },
      { kind: "claim", key: claims.fallback, value: fallback.join(",") },
    ];
  }

  protected override problems({ perNode, scope, object }: PlacementContext): readonly string[] {
    const { region, fallback, maxMs } = this;
    const problems: string[] = [];
    if (!(maxMs > 0 && maxMs <= LONGEST_MS))
      problems.push(`maxRtt: got ${maxMs} ms, allowed above 0 and at most ${LONGEST_MS} ms`);
    if (new Set([region, ...fallback]).size <= fallback.length) {
      problems.push(`fallback: got ${[region, ...fallback].join(", ")}, allowed regions that differ from each other`);
    }
    if (perNode && this.ordered) {
      problems.push(`fallback: ${object.kind} runs on every node that fits, and falls back to none: leave it out`);
    }
    if (perNode && !scope) {
      problems.push(
        `${object.kind}: which nodes are within ${maxMs} ms is known from the fleet alone: call placeIn, or use WithinRegion`,
      );
    }
    return scope ? [...problems, ...this.outOfReach(scope)] : problems;
  }

  private get ordered(): boolean {
    return this.fallback.length > 0;
  }

  /** Regions of the cluster's nodes within the budget; of an ordered fallback, those that it names. */
  private regionsInReach({ fleet, cluster }: FleetScope): string[] {
    const regions = [...new Set(cluster.nodePools.map((pool) => pool.region))].sort();
    const named = this.ordered ? [this.region, ...this.fallback] : regions;
    return named.filter((to) => this.roundTrip(fleet, to) <= this.maxMs);
  }

  private roundTrip(fleet: Fleet, to: string): number {
    return to === this.region ? 0 : (linkBetween(fleet, this.region, to)?.rttMs ?? Infinity);
  }

  private outOfReach(scope: FleetScope): string[] {
    const { fleet, cluster } = scope;
    const known = fleet.regions.map(({ name }) => name);
    const strangers = [this.region, ...this.fallback].filter((name) => !known.includes(name));
    if (strangers.length > 0) return strangers.map((name) => `region: ${describeUnknown("region", name, known)}`);
    const far = this.fallback.filter((to) => this.roundTrip(fleet, to) > this.maxMs);
    if (far.length > 0) {
      return far.map(
        (to) =>
          `fallback: ${to} is ${this.roundTrip(fleet, to)} ms from ${this.region}, more than maxRtt (${this.maxMs} ms), ` +
          "so it would never be used: raise maxRtt, or leave it out",
      );
    }
    if (this.regionsInReach(scope).length > 0) return [];
    const nearest = [...new Set(cluster.nodePools.map((pool) => pool.region))]
      .map((to) => ({ to, ms: this.roundTrip(fleet, to) }))
      .sort((a, b) => a.ms - b.ms)[0];
    const hint = nearest ? `the nearest is ${nearest.to}, ${nearest.ms} ms` : "it has none at all";
    return [`maxRtt: cluster ${cluster.name} has no node within ${this.maxMs} ms of ${this.region}: ${hint}`];
  }
}
