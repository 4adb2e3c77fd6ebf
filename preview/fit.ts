import { collectNotes, type NodePlace, placesOf } from "./explanation";
import type { ObjectReference, Outcome, RejectedNodes, SimulationReport } from "./simulator/protocol";
import { ownerOf, workloadKey } from "./workloads";

/** Version of {@link FitReport}. Fields may be added within a version. */
export const FIT_VERSION = 1;

/** A workload of the mix. */
export interface MixedWorkload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Pods that one round adds. */
  readonly perRound: number;
}

/** How many more pods of a workload fit in a cluster. */
export interface WorkloadFit extends MixedWorkload {
  /** Pods that have a node now. */
  readonly running: number;
  /** Pods that have none now. They are placed before any more. */
  readonly pending: number;
  /** Pods of the complete rounds that fit. */
  readonly fits: number;
  /** Pods that fit in the first round that does not fit completely. */
  readonly partial: number;
}

/** What keeps the next pod out. */
export interface Bottleneck {
  readonly workload: ObjectReference;
  /** The scheduler's message. */
  readonly message: string;
  /** The nodes, grouped by why they do not take the pod; those that the fewest plugins reject first. */
  readonly rejected: readonly RejectedNodes[];
}

/** How much of a mix fits in one state of a cluster. */
export interface StateFit {
  /** Rounds that fit completely. */
  readonly rounds: number;
  /** True if the search stopped at its limit: more may fit. */
  readonly limited: boolean;
  readonly workloads: readonly WorkloadFit[];
  readonly bottleneck?: Bottleneck;
  /** Pods of the complete rounds, by node. */
  readonly placed: Readonly<Record<string, number>>;
}

/** How much of a mix fits in one cluster. */
export interface ClusterFit extends StateFit {
  readonly cluster: string;
  readonly nodes: readonly NodePlace[];
  /** The same with the added nodes. Absent where none are added. */
  readonly withPool?: StateFit & { readonly nodes: readonly NodePlace[] };
  readonly errors: readonly string[];
  readonly notModelled: readonly string[];
}

/** Nodes that are added to a pool to see what then fits. */
export interface AddedNodes {
  readonly cluster: string;
  readonly pool: string;
  readonly region: string;
  readonly device: string;
  readonly count: number;
}

/** How many more pods of one workload, or of a mix, fit into a fleet. */
export interface FitReport {
  readonly version: typeof FIT_VERSION;
  readonly seed: number;
  /** Time of the snapshot to which pods were added, RFC 3339. Absent if the state was simulated. */
  readonly snapshot?: string;
  /** Kubernetes release whose scheduler ran. */
  readonly kubernetes: string;
  readonly mix: readonly MixedWorkload[];
  /** True if as many rounds as possible were added, false if one was. */
  readonly max: boolean;
  /** Rounds that fit in all clusters. */
  readonly rounds: number;
  /** The same with the added nodes. */
  readonly roundsWithPool?: number;
  readonly addedNodes?: AddedNodes;
  /** The clusters that have every workload of the mix. */
  readonly clusters: readonly ClusterFit[];
}

function countPods(
  { pods }: Outcome,
  workload: ObjectReference,
): { readonly running: number; readonly pending: number } {
  const key = workloadKey(workload);
  const own = pods.filter((pod) => pod.origin !== "WouldRun" && workloadKey(ownerOf(pod)) === key);
  const running = own.filter(({ node }) => node !== undefined).length;
  return { running, pending: own.length - running };
}

function readFit(mix: readonly MixedWorkload[], after: Outcome): StateFit {
  const fit = after.fits![0]!;
  if (fit.error !== undefined) throw new Error([fit.error, ...collectNotes(after).errors].join("\n  "));
  return {
    rounds: fit.rounds,
    limited: fit.limited ?? false,
    workloads: mix.map((workload, index) => ({
      ...workload,
      ...countPods(after, workload),
      fits: fit.rounds * workload.perRound,
      partial: fit.partial?.[index] ?? 0,
    })),
    ...(fit.bottleneck && {
      bottleneck: { workload: fit.bottleneck, message: fit.message ?? "", rejected: fit.rejected ?? [] },
    }),
    placed: fit.nodes ?? {},
  };
}

/** The simulations of one cluster. */
export interface FitSimulation {
  readonly report: SimulationReport;
  /** Absent if no nodes are added to this cluster. */
  readonly withPool?: SimulationReport;
}

/**
 * Builds the report from the simulator's answers, one per cluster that has the mix.
 *
 * @throws Error if the simulator could not add the pods, with why
 */
export function buildFit(
  simulations: readonly FitSimulation[],
  { mix, max, addedNodes, snapshot }: Pick<FitReport, "mix" | "max" | "addedNodes" | "snapshot">,
): FitReport {
  const clusters = simulations.map(({ report: { cluster, after }, withPool }): ClusterFit => ({
    cluster,
    ...readFit(mix, after),
    nodes: placesOf(after),
    ...(withPool && { withPool: { ...readFit(mix, withPool.after), nodes: placesOf(withPool.after) } }),
    ...collectNotes(after),
  }));
  const sum = (rounds: (cluster: ClusterFit) => number): number =>
    clusters.reduce((total, cluster) => total + rounds(cluster), 0);
  const { seed, kubernetes } = simulations[0]!.report;
  return {
    version: FIT_VERSION,
    seed,
    ...(snapshot !== undefined && { snapshot }),
    kubernetes,
    mix,
    max,
    rounds: sum(({ rounds }) => rounds),
    ...(addedNodes && {
      addedNodes,
      roundsWithPool: sum(({ rounds, withPool }) => withPool?.rounds ?? rounds),
    }),
    clusters,
  };
}
