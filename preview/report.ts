import type { PulumiPlan } from "./plan";

/** Version of {@link PreviewReport}. Fields may be added within a version. */
export const REPORT_VERSION = 1;

/** Round trips in ms from pods to the region that they serve. */
export interface RoundTrips {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** A number before and after the change. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** Shares of the allocatable CPU and memory, from 0 to 1. */
export interface ResourceShares {
  readonly cpu: number;
  readonly memory: number;
}

/** What nodes cost per hour, in {@link PreviewReport.currency}. */
export interface HourlyCost {
  /** Sum over the nodes that have a price. */
  readonly perHour: number;
  /** Nodes without a price. */
  readonly unknownNodes: number;
}

/** The load of a group of nodes, and what they cost. */
export interface NodeGroupReport {
  /** What pods request. */
  readonly requested: Change<ResourceShares>;
  /**
   * Load skew between the nodes that run workloads: the coefficient of variation of the share that pods request of each.
   * 0 if the load is even.
   */
  readonly skew: Change<ResourceShares>;
  /** Absent if neither revision of the fleet states prices. */
  readonly cost?: Change<HourlyCost>;
}

/** One cluster. */
export interface ClusterReport extends NodeGroupReport {
  readonly cluster: string;
  readonly nodes: Change<number>;
}

/** One cluster and region. */
export interface RegionReport extends NodeGroupReport {
  readonly cluster: string;
  readonly region: string;
  readonly nodes: Change<number>;
  /** Pods with a node. */
  readonly pods: Change<number>;
  readonly movedIn: number;
  readonly movedOut: number;
  /** Round trips of the pods that run here; absent where none serves a region. */
  readonly roundTrip: Partial<Change<RoundTrips>>;
}

/** Where a region is. */
export interface RegionLocation {
  readonly name: string;
  /** Degrees north, -90 to 90. */
  readonly latitude: number;
  /** Degrees east, -180 to 180. */
  readonly longitude: number;
}

/** The round trip from one region to another. The way back is a link of its own. */
export interface RegionLink {
  readonly from: string;
  readonly to: string;
  /** Milliseconds. */
  readonly rttMs: number;
}

/** Locations of the regions that have nodes, before or after the change, and the links between them. */
export interface Geography {
  readonly regions: readonly RegionLocation[];
  readonly links: readonly RegionLink[];
}

/** A workload, as `Deployment telemetry/detector`. */
export interface WorkloadName {
  readonly cluster: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A pod of a workload that leaves a node for another one. */
export interface Move {
  readonly workload: WorkloadName;
  readonly from: PlaceOfPod;
  readonly to: PlaceOfPod;
  /** Why the pod leaves, in the simulator's terms: `NodeRemoved`, `Replaced`, … */
  readonly reason: string;
  /** Why it runs on the new node: the scheduler's own note. Empty for the default scheduler. */
  readonly why: string;
  /** Other nodes that scored the same: the pod could run on any of them. */
  readonly ties: readonly string[];
}

export interface PlaceOfPod {
  readonly node: string;
  readonly region: string;
}

/** Pods of a workload that no node can take. */
export interface Unschedulable {
  readonly workload: WorkloadName;
  readonly pods: number;
  /** True if they had no node before the change either. */
  readonly before: boolean;
  /** The scheduler's message. */
  readonly message: string;
  /** Nodes by reason, the largest group first. */
  readonly groups: readonly { readonly nodes: number; readonly reasons: readonly string[] }[];
  readonly shortages: readonly {
    readonly resource: string;
    readonly requested: string;
    readonly largestFree: string;
  }[];
}

/** Pods that a workload gains or loses. */
export interface PodCount {
  readonly workload: WorkloadName;
  readonly pods: number;
  /** Pods per region. */
  readonly regions: Readonly<Record<string, number>>;
}

/** Pods of a workload that run in one region. */
export interface WorkloadPlacement {
  readonly workload: WorkloadName;
  /** Empty for nodes without a region. */
  readonly region: string;
  readonly pods: Change<number>;
}

/** Where pods of one workload are expected to run after the change. Nodes are indexes in {@link ExpectedCluster.nodes}. */
export interface ExpectedWorkload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Digest of the fields of its pod template that decide where it runs; absent for pods of a snapshot whose workload is gone. */
  readonly template?: string;
  /** The node of each pod that could run nowhere else, ascending. */
  readonly nodes: readonly number[];
  /** Each other pod: its node, then the nodes with the same score, as in `12: 3-7 20`. */
  readonly ties?: readonly string[];
  /** Pods without a node. */
  readonly pending?: number;
}

/** Where the pods of one cluster are expected to run after the change: what `skerry verify` compares with the cluster. */
export interface ExpectedCluster {
  readonly cluster: string;
  readonly nodes: readonly PlaceOfPod[];
  readonly workloads: readonly ExpectedWorkload[];
}

/** How well the placements of an earlier report agreed with what the clusters did. */
export interface AgreementSummary {
  /** Time at which the clusters were read, RFC 3339. */
  readonly verifiedAt: string;
  /** What the earlier report compared: `main → working tree`. */
  readonly revisions: string;
  /** Pods that were expected or found. */
  readonly pods: number;
  /** Pods in the expected region. */
  readonly regions: number;
  /** Pods on the expected node, or on one with the same score. */
  readonly nodes: number;
  /** Of those, pods on another node with the same score. */
  readonly ties: number;
}

/** A rollout that stops before its end. */
export interface BlockedRollout {
  readonly workload: WorkloadName;
  readonly available: number;
  readonly desired: number;
  readonly message: string;
}

/** An object that is added, removed or changed. */
export interface ObjectChange {
  readonly cluster: string;
  /** `Deployment telemetry/detector`. */
  readonly object: string;
  readonly change: "added" | "removed" | "changed";
  /** Fields that differ, for a changed object. */
  readonly fields: readonly { readonly path: string; readonly before?: unknown; readonly after?: unknown }[];
}

/** A policy finding that only one of the two revisions has. */
export interface FindingChange {
  readonly change: "new" | "fixed";
  readonly rule: string;
  readonly severity: "error" | "warning" | "info";
  readonly cluster?: string;
  readonly object?: string;
  readonly path: string;
  readonly message: string;
}

/** What a drill costs one workload. */
export interface DrillWorkload {
  readonly workload: WorkloadName;
  readonly desired: number;
  /** Pods that keep running until the first replacement starts, before and after the change. */
  readonly kept: Change<number>;
  /** Pods that run after the drill, before and after the change. */
  readonly left: Change<number>;
  /** Displaced pods that get a new node, by its region, after the change. */
  readonly replaced: Readonly<Record<string, number>>;
}

/** Pods that a drill takes from a region, after the change. */
export interface Displacement {
  readonly cluster: string;
  readonly from: string;
  /** Region of the new nodes; absent for pods that get none. */
  readonly to?: string;
  readonly fate: "Rescheduled" | "Unplaceable" | "Stuck" | "Lost" | "Waiting";
  readonly pods: number;
  /** Seconds from the loss until the last of these pods is evicted. */
  readonly afterSeconds?: number;
}

/** What a drill leaves of one cluster, after the change. */
export interface DrillCluster {
  readonly cluster: string;
  readonly nodes: { readonly lost: number; readonly left: number };
  /** Pods that have a node, and those of them that keep running. */
  readonly pods: { readonly total: number; readonly kept: number };
  /** True if too few servers are left: nothing is evicted or replaced until they are back. */
  readonly controlPlaneLost: boolean;
  /** Pods elsewhere that make room for displaced pods of higher priority. */
  readonly preempted: number;
}

/** A claim whose data is on the nodes that a drill loses, after the change. */
export interface LostVolume {
  readonly cluster: string;
  readonly namespace: string;
  readonly claim: string;
  readonly node: string;
}

/** A round trip that a drill of a link changes. */
export interface DrillLink {
  readonly from: string;
  readonly to: string;
  /** Milliseconds. */
  readonly rttMs: Change<number>;
  /** The region through which traffic goes instead. */
  readonly via: string;
}

/** What a drill leaves of what an intent requires. */
export interface IntentState {
  readonly requires: number;
  /** What is left until the first replacement starts. */
  readonly during: number;
  /** What is left when every replacement has started. */
  readonly after: number;
  /**
   * Whether the intent is broken: by what is left in the end or, if the workload states to survive the loss, by what is left
   * at any time.
   */
  readonly broken: boolean;
}

/** An availability intent of which a drill leaves less than it requires, for a while or in the end. */
export interface IntentViolation {
  readonly cluster: string;
  /** The object that states the intent: `PodDisruptionBudget telemetry/detector`. */
  readonly object: string;
  /** Where the object states it: `spec.maxUnavailable`. */
  readonly path: string;
  readonly workloads: readonly WorkloadName[];
  /** What the intent counts. `pods in reach` run within their longest round trip. */
  readonly unit: "pods" | "nodes" | "regions" | "pods in reach";
  /** Whether the workloads may run only on nodes that the drill loses. The intent then does not count as broken. */
  readonly confined: boolean;
  /** The state before the change. Absent if the intent does not exist there, or is not violated. */
  readonly before?: IntentState;
  /** The state after the change, likewise. */
  readonly after?: IntentState;
}

/** The effect of one drill on the fleet. */
export interface DrillResult {
  /** As on the command line: `region=tokyo`. */
  readonly drill: string;
  readonly clusters: readonly DrillCluster[];
  readonly displaced: readonly Displacement[];
  readonly workloads: readonly DrillWorkload[];
  readonly volumes: readonly LostVolume[];
  readonly links: readonly DrillLink[];
  readonly violations: readonly IntentViolation[];
  /** Why the drill could not run. */
  readonly errors: readonly string[];
}

/** Whether a fleet survives the loss of any one region. */
export interface RegionLoss {
  /** Whether no stated availability intent is broken, whichever region is lost. */
  readonly survives: Change<boolean>;
  /** The intents that the loss of a region breaks after the change. */
  readonly breaks: readonly {
    readonly region: string;
    /** `tokyo: PodDisruptionBudget telemetry/dashboard`. */
    readonly intents: readonly string[];
  }[];
}

/** What a change does to a fleet. */
export interface PreviewReport {
  readonly version: typeof REPORT_VERSION;
  /** Name of the fleet. */
  readonly fleet: string;
  /** What the change starts from. Absent from a report about one state of a fleet: `before` equals `after` throughout. */
  readonly base?: string;
  readonly head: string;
  readonly seed: number;
  /** Time of the snapshot from which the change starts, RFC 3339. Absent if the base was simulated. */
  readonly snapshot?: string;
  /** Kubernetes release whose scheduler ran. */
  readonly kubernetes: string;
  /** ISO 4217 code of the currency of all costs. Absent if neither revision of the fleet states prices. */
  readonly currency?: string;
  readonly clusters: readonly ClusterReport[];
  readonly regions: readonly RegionReport[];
  readonly geography: Geography;
  readonly placements: readonly WorkloadPlacement[];
  /** The placements after the change, by node. */
  readonly expected: readonly ExpectedCluster[];
  /** What `skerry verify` found for an earlier report. Absent if no result was given. */
  readonly agreement?: AgreementSummary;
  readonly moves: readonly Move[];
  readonly created: readonly PodCount[];
  readonly removed: readonly PodCount[];
  readonly unschedulable: readonly Unschedulable[];
  readonly blocked: readonly BlockedRollout[];
  readonly objects: readonly ObjectChange[];
  readonly findings: readonly FindingChange[];
  readonly drills: readonly DrillResult[];
  /** Absent unless every region with nodes was drilled. */
  readonly regionLoss?: RegionLoss;
  /** Problems of the input that the simulator reports, as errors of the preview. */
  readonly errors: readonly string[];
  /** Parts of the input that the simulator reads differently from what they say, and errors of the base. */
  readonly warnings: readonly string[];
  /** What the simulator ignores and a cluster does not. */
  readonly notModelled: readonly string[];
  /** What Pulumi would do to the deployed stack. Absent if it was not asked for. */
  readonly plan?: PulumiPlan;
  /** Pods that could run on more than one node with equal score. */
  readonly tied: number;
}
