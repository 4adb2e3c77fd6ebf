import { Duration } from "cdk8s";
import type { Construct } from "constructs";

import { annotations, EDGE_SCHEDULER, labels } from "../fleet/labels";
import type { Fleet } from "../fleet/model";
import { describeUnknown } from "../fleet/problem";
import { claims } from "./model/authored";
import { type FleetScope, findLink } from "./fleet-scope";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Largest budget that the edge scheduler accepts, in ms. */
const MAX_BUDGET_MS = 1e6;

/** Properties of {@link NearRegion}. */
export interface NearRegionProps extends PlacementProps {
  /** The region that the workload serves. Round-trip times are measured from it. */
  readonly region: string;
  /**
   * The only other regions in which the workload may run, in order of preference.
   *
   * @default - every region within `maxRtt`, preferring nearer ones
   */
  readonly fallback?: readonly string[];
  /**
   * Longest round-trip time from the region to the node, at most 1000 s.
   *
   * @default Duration.millis(50)
   */
  readonly maxRtt?: Duration;
}

/**
 * Places a workload within a round-trip time of the region that it serves.
 *
 * Writes to the pod template:
 * - `spec.schedulerName`: `edge-scheduler`, whose EdgeProximity plugin reads the annotations below.
 * - `metadata.annotations`: `skerry.dev/max-rtt-ms`, and `skerry.dev/near-region` or `skerry.dev/fallback-regions`.
 * - `metadata.labels`: `required-region`, with `fallback`.
 * - `spec.nodeSelector` or `spec.affinity.nodeAffinity`, for a DaemonSet or with a strict spread: the regions within the
 *   budget.
 *
 * A DaemonSet needs `placeIn` and takes no `fallback`. Synthesis fails if the cluster has no node within the budget,
 * or if a fallback is beyond it.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
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
    const reach: PlacementConstraint[] = scope ? [{ kind: "reach", key, values: this.findRegionsInReach(scope) }] : [];
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
    if (!(maxMs > 0 && maxMs <= MAX_BUDGET_MS))
      problems.push(`maxRtt: must be greater than 0 and at most ${MAX_BUDGET_MS} ms, got ${maxMs} ms`);
    if (new Set([region, ...fallback]).size <= fallback.length) {
      problems.push(`fallback: must not repeat a region, got ${[region, ...fallback].join(", ")}`);
    }
    if (perNode && this.ordered) {
      problems.push(`fallback: must not be set for a ${object.kind}, which runs on every node that matches`);
    }
    if (perNode && !scope) {
      problems.push(
        `a ${object.kind} needs a fleet to find the nodes within ${maxMs} ms: call placeIn, or use WithinRegion`,
      );
    }
    return scope ? [...problems, ...this.checkReach(scope)] : problems;
  }

  private get ordered(): boolean {
    return this.fallback.length > 0;
  }

  /** Returns the regions within the budget: of the region and its fallbacks, or else of those of the cluster's nodes. */
  private findRegionsInReach({ fleet, cluster }: FleetScope): string[] {
    const regions = [...new Set(cluster.nodePools.map((pool) => pool.region))].sort();
    const candidates = this.ordered ? [this.region, ...this.fallback] : regions;
    return candidates.filter((to) => this.getRoundTripMs(fleet, to) <= this.maxMs);
  }

  private getRoundTripMs(fleet: Fleet, to: string): number {
    return to === this.region ? 0 : (findLink(fleet, this.region, to)?.rttMs ?? Infinity);
  }

  private checkReach(scope: FleetScope): string[] {
    const { fleet, cluster } = scope;
    const names = fleet.regions.map(({ name }) => name);
    const unknown = [this.region, ...this.fallback].filter((name) => !names.includes(name));
    if (unknown.length > 0) return unknown.map((name) => describeUnknown("region", name, names));
    const far = this.fallback.filter((to) => this.getRoundTripMs(fleet, to) > this.maxMs);
    if (far.length > 0) {
      return far.map(
        (to) =>
          `fallback: ${to} must be within maxRtt (${this.maxMs} ms) of ${this.region}, got ${this.getRoundTripMs(fleet, to)} ms: ` +
          "increase maxRtt, or remove the fallback",
      );
    }
    if (this.findRegionsInReach(scope).length > 0) return [];
    const nearest = [...new Set(cluster.nodePools.map((pool) => pool.region))]
      .map((to) => ({ to, ms: this.getRoundTripMs(fleet, to) }))
      .sort((a, b) => a.ms - b.ms)[0];
    const hint = nearest ? `the nearest region is ${nearest.to}, ${nearest.ms} ms` : "the cluster has no nodes";
    return [`maxRtt: cluster ${cluster.name} has no node within ${this.maxMs} ms of ${this.region}: ${hint}`];
  }
}
