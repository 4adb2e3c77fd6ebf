/**
 * The part of the placement simulator's interface that a preview uses. Source: `runtime/apis/simulation/v1`, whose
 * comments explain each field.
 */
import type { KubeObject } from "../../fleet/kubernetes/object";

export const API_VERSION = "simulation.skerry.dev/v1";

/** Nodes, objects and scheduler configurations of a cluster. */
export interface ClusterState {
  readonly nodes: readonly KubeObject[];
  readonly objects: readonly KubeObject[];
  readonly schedulerConfigurations: readonly string[];
}

/** The loss of one region, node or link. */
export interface Drill {
  readonly region?: string;
  readonly node?: string;
  readonly link?: { readonly from: string; readonly to: string };
}

export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A workload of a mix, and how many pods of it one round adds. */
export interface FitWorkload extends ObjectReference {
  readonly replicas?: number;
}

export interface SimulationRequest {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "SimulationRequest";
  readonly cluster: string;
  readonly before?: ClusterState & { readonly runningPods?: readonly KubeObject[] };
  readonly after: ClusterState;
  readonly options: {
    readonly seed?: number;
    /** Time at which the simulation starts, RFC 3339. */
    readonly now?: string;
    readonly rescheduleAll?: boolean;
    readonly drills?: readonly Drill[];
    readonly explain?: readonly ObjectReference[];
    readonly fit?: readonly { readonly workloads: readonly FitWorkload[]; readonly limit?: number }[];
  };
}

export interface NodeScore {
  readonly node: string;
  readonly total: number;
  readonly plugins?: readonly { readonly plugin: string; readonly score: number }[];
}

export interface SimulatedPod {
  readonly namespace: string;
  readonly name: string;
  readonly owner?: ObjectReference;
  readonly revision?: string;
  readonly scheduler: string;
  readonly status: "Placed" | "Unschedulable" | "Gated";
  readonly origin: "Kept" | "Created" | "WouldRun";
  readonly node?: string;
  readonly why?: string;
  readonly score?: NodeScore;
  readonly alternatives?: readonly NodeScore[];
  /** Other nodes with the score of the chosen one. */
  readonly ties?: readonly string[];
  /** Index in {@link Outcome.unschedulable}. */
  readonly verdict?: number;
}

export interface RemovedPod {
  readonly namespace: string;
  readonly name: string;
  readonly owner?: ObjectReference;
  readonly node?: string;
  readonly reason: string;
}

export interface Verdict {
  readonly message: string;
  readonly groups?: readonly {
    readonly plugin: string;
    readonly reasons: readonly string[];
    readonly nodes: readonly string[];
  }[];
  readonly shortages?: readonly {
    readonly resource: string;
    readonly requested: string;
    readonly largestFree: string;
  }[];
}

export interface SimulatedWorkload extends ObjectReference {
  readonly desired: number;
  readonly available: number;
  readonly complete: boolean;
  readonly blocked?: string;
}

export interface SimulatedNode {
  readonly name: string;
  readonly region?: string;
  readonly pool?: string;
  readonly ready: boolean;
  readonly pods: number;
  readonly requested?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
}

export interface DrillReport {
  readonly drill: Drill;
  readonly error?: string;
  readonly nodes?: readonly string[];
  readonly detectionSeconds?: number;
  readonly controlPlaneLost?: boolean;
  readonly displaced?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly owner?: ObjectReference;
    readonly node: string;
    readonly fate: "Rescheduled" | "Unplaceable" | "Stuck" | "Lost" | "Waiting";
    readonly afterSeconds?: number;
    readonly to?: string;
  }[];
  readonly preempted?: readonly RemovedPod[];
  readonly volumes?: readonly { readonly namespace: string; readonly claim: string; readonly node: string }[];
  readonly links?: readonly {
    readonly from: string;
    readonly to: string;
    readonly beforeMs: number;
    readonly afterMs: number;
    readonly via?: string;
  }[];
  /** Pods that keep running on a node that their scheduler would refuse now. */
  readonly violations?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly owner?: ObjectReference;
    readonly node: string;
    readonly plugin: string;
    readonly reasons: readonly string[];
  }[];
  readonly workloads?: readonly (ObjectReference & {
    readonly desired: number;
    readonly before: number;
    readonly during: number;
    readonly after: number;
  })[];
}

/** A state in which nothing changes any more. */
export interface Outcome {
  readonly pods: readonly SimulatedPod[];
  readonly removed?: readonly RemovedPod[];
  readonly workloads: readonly SimulatedWorkload[];
  readonly nodes: readonly SimulatedNode[];
  readonly unschedulable?: readonly Verdict[];
  readonly findings?: readonly {
    readonly severity: "Error" | "Warning";
    readonly code: string;
    readonly object?: string;
    /** Path in the request. */
    readonly path?: string;
    readonly message: string;
  }[];
  readonly notModelled?: readonly { readonly object: string; readonly reason: string }[];
  readonly drills?: readonly DrillReport[];
  readonly explanations?: readonly Explanation[];
  readonly fits?: readonly Fit[];
}

/** A resource that nodes lack. */
export interface Shortage {
  readonly resource: string;
  readonly requested: string;
  readonly largestFree: string;
  readonly largestAllocatable: string;
}

/** Why a plugin rejects nodes. */
export interface PluginVerdict {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Changes that, together, make the plugin accept one of the nodes. Absent if none is known. */
  readonly remedies?: readonly string[];
}

/** Nodes that the same plugins reject for the same reasons. */
export interface RejectedNodes {
  /** The verdict of every plugin that rejects the nodes. */
  readonly verdicts: readonly PluginVerdict[];
  readonly nodes: readonly string[];
  readonly shortages?: readonly Shortage[];
}

export interface Explanation {
  readonly of: ObjectReference;
  readonly error?: string;
  readonly pod?: { readonly namespace: string; readonly name: string };
  readonly scheduler?: string;
  readonly node?: string;
  readonly rejected?: readonly RejectedNodes[];
  /** The best first. */
  readonly scores?: readonly NodeScore[];
}

export interface Fit {
  readonly workloads: readonly FitWorkload[];
  readonly error?: string;
  readonly rounds: number;
  readonly partial?: readonly number[];
  readonly limited?: boolean;
  readonly bottleneck?: ObjectReference;
  readonly message?: string;
  readonly rejected?: readonly RejectedNodes[];
  readonly nodes?: Readonly<Record<string, number>>;
}

export interface SimulationReport {
  readonly cluster: string;
  readonly kubernetes: string;
  readonly seed: number;
  readonly before?: Outcome;
  readonly after: Outcome;
}
