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
  readonly displaced?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly owner?: ObjectReference;
    readonly node: string;
    readonly fate: "Rescheduled" | "Unplaceable" | "Stuck" | "Lost" | "Waiting";
    readonly afterSeconds?: number;
    readonly to?: string;
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
    readonly message: string;
  }[];
  readonly notModelled?: readonly { readonly object: string; readonly reason: string }[];
  readonly drills?: readonly DrillReport[];
}

export interface SimulationReport {
  readonly cluster: string;
  readonly kubernetes: string;
  readonly seed: number;
  readonly before?: Outcome;
  readonly after: Outcome;
}
