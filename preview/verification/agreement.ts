import type { WorkloadName } from "../report";

/** Version of {@link AgreementReport}. Fields may be added within a version. */
export const AGREEMENT_VERSION = 1;

/** A reason, visible in the clusters, why a pod is not where the report expects it. */
export type Cause =
  | "ReplicasDiffer"
  | "TemplateDiffers"
  | "NodeRemoved"
  | "NodeMissing"
  | "NodeUnavailable"
  | "NodeNew"
  | "OtherPods"
  | "NotModelled"
  | "AfterTie"
  | "ConcurrentPlacement"
  | "MeasuredLoad"
  | "SimulatedStart"
  | "Unknown";

/** Where a pod is. Both fields are absent without a node. */
export interface PodPlace {
  readonly node?: string;
  readonly region?: string;
}

/** A pod that is not where the report expects it. */
export interface Disagreement {
  readonly workload: WorkloadName;
  /** Whether the region differs too, or the node alone. */
  readonly level: "region" | "node";
  /** Absent for a pod that the report does not expect. */
  readonly expected?: PodPlace;
  /** Absent for a pod that does not exist. */
  readonly found?: PodPlace;
  readonly causes: readonly { readonly cause: Cause; readonly message: string }[];
}

/** Pods, and how many of them are where a report expects them. */
export interface AgreementCounts {
  /** Pods that are expected or found. */
  readonly pods: number;
  /** Pods in the expected region. */
  readonly regions: number;
  /** Pods on the expected node, or on one with the same score. */
  readonly nodes: number;
  /** Of those, pods on another node with the same score. */
  readonly ties: number;
  /** Pods that are expected to have no node, and those of them that have none. */
  readonly unschedulable: { readonly expected: number; readonly found: number };
}

/** What `skerry verify` finds: how well a report agrees with what the clusters did. */
export interface AgreementReport extends AgreementCounts {
  readonly version: typeof AGREEMENT_VERSION;
  readonly fleet: string;
  /** What the report compared: `main → working tree`. */
  readonly revisions: string;
  /** Time at which the clusters were read, RFC 3339. */
  readonly verifiedAt: string;
  readonly clusters: readonly (AgreementCounts & { readonly cluster: string })[];
  readonly disagreements: readonly Disagreement[];
  /** Workloads that run and that the report does not have: it claims nothing about them, so they are not counted. */
  readonly unclaimed: readonly { readonly workload: WorkloadName; readonly pods: number }[];
}

/** Whether every pod is in the region that the report says. */
export const isKept = ({ pods, regions }: AgreementCounts): boolean => pods === regions;
