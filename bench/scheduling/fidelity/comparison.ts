/** What one side says about a pod. */
export interface Placement {
  /** Absent if the pod is unschedulable. */
  readonly node?: string;
  /** Other nodes that score as high as the node. Only the simulator knows them. */
  readonly ties?: readonly string[];
  /** The scheduler's message, or the simulator's explanation. */
  readonly reason?: string;
}

/**
 * - `same`: both sides have the same node, and no other node scores as high.
 * - `tied`: several nodes score equally, and the live node is one of them.
 * - `other`: the live node is none of the simulator's.
 * - `refused`: unschedulable on both sides.
 * - `verdict`: unschedulable on one side only.
 */
export type Outcome = "same" | "tied" | "other" | "refused" | "verdict";

/** Feature of every pod that is placed while pods are preempted. */
export const PREEMPTION = "preemption";

/** One pod on both sides. */
export interface Comparison {
  readonly scenario: string;
  readonly workload: string;
  readonly features: readonly string[];
  readonly live: Placement;
  readonly simulated: Placement;
  readonly outcome: Outcome;
  /** Whether the regions agree; undefined unless both sides have a node. */
  readonly sameRegion?: boolean;
  /** Whether the tied nodes are in several regions. */
  readonly tiedRegions: boolean;
  /** Whether the live node has more requests than it can hold. */
  readonly overcommitted: boolean;
}

/** Compares what both sides say about one pod. */
export function comparePlacement(
  live: Placement,
  simulated: Placement,
  regionOf: (node: string) => string | undefined,
): Pick<Comparison, "live" | "simulated" | "outcome" | "sameRegion" | "tiedRegions"> {
  const { ties = [] } = simulated;
  const placed = live.node !== undefined && simulated.node !== undefined;
  const outcome = (): Outcome => {
    if (!placed) return live.node === simulated.node ? "refused" : "verdict";
    if (ties.length > 0 && [simulated.node, ...ties].includes(live.node)) return "tied";
    return live.node === simulated.node ? "same" : "other";
  };
  return {
    live,
    simulated,
    outcome: outcome(),
    ...(placed && { sameRegion: regionOf(live.node) === regionOf(simulated.node) }),
    tiedRegions: placed && ties.some((node) => regionOf(node) !== regionOf(simulated.node!)),
  };
}

/** Counts of pods. */
export interface Tally {
  readonly pods: number;
  /** Pods with a node on both sides and no ties, and those of them with the same node. */
  readonly untied: number;
  readonly sameNode: number;
  readonly tied: number;
  /** Pods with a node on both sides, and those of them in the same region. */
  readonly placed: number;
  readonly sameRegion: number;
  /** Pods that tie with a node in another region. */
  readonly tiedRegions: number;
  /** Pods without a node on one side at least, and those without one on both. */
  readonly unschedulable: number;
  readonly sameVerdict: number;
  /** Pods without a node on both sides with the same message. */
  readonly sameMessage: number;
}

/**
 * Counts comparisons.
 *
 * @throws Error if there are none: nothing agrees with nothing
 */
export function tally(comparisons: readonly Comparison[]): Tally {
  if (comparisons.length === 0) throw new Error("no pods were compared");
  const count = (matches: (each: Comparison) => boolean): number => comparisons.filter(matches).length;
  return {
    pods: comparisons.length,
    untied: count(({ outcome }) => outcome === "same" || outcome === "other"),
    sameNode: count(({ outcome }) => outcome === "same"),
    tied: count(({ outcome }) => outcome === "tied"),
    placed: count(({ sameRegion }) => sameRegion !== undefined),
    sameRegion: count(({ sameRegion }) => sameRegion === true),
    tiedRegions: count(({ tiedRegions }) => tiedRegions),
    unschedulable: count(({ outcome }) => outcome === "refused" || outcome === "verdict"),
    sameVerdict: count(({ outcome }) => outcome === "refused"),
    sameMessage: count(({ outcome, live, simulated }) => outcome === "refused" && live.reason === simulated.reason),
  };
}
