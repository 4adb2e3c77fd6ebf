import type { ApiObject } from "cdk8s";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { PodTemplate } from "../../fleet/kubernetes/pod-template";
import type { FleetScope } from "../fleet-scope";

/** Where pods are together, or apart: on one machine, in one failure domain, in one region. */
export type Domain = "node" | "zone" | "region";

/** Kubernetes' two answers to a spread that cannot be kept: leave the pod waiting, or place it all the same. */
export type UnsatisfiableAction = "DoNotSchedule" | "ScheduleAnyway";

/** Nodes whose label has one of these values; any value, where none is stated. */
export interface NodeConstraint {
  readonly kind: "node";
  readonly key: string;
  readonly values?: readonly string[];
}

/**
 * Nodes that the edge scheduler keeps a pod to by itself. Said in the object too where it has no say (a DaemonSet), or
 * where somebody else has to know: a hard spread counts every node that the pod's own fields allow.
 */
export interface ReachConstraint {
  readonly kind: "reach";
  readonly key: string;
  readonly values: readonly string[];
}

/** Evenly over domains, as far as they differ by no more than a skew. */
export interface SpreadConstraint {
  readonly kind: "spread";
  readonly over: Domain;
  readonly maxSkew: number;
  readonly minDomains?: number;
  readonly whenUnsatisfiable: UnsatisfiableAction;
}

/** With the pods of a selector in one domain, or apart from them. */
export interface PodAffinityConstraint {
  readonly kind: "pods";
  readonly apart: boolean;
  readonly domain: Domain;
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: the workload's own. */
  readonly namespace?: string;
  readonly required: boolean;
}

/** A volume on the node's own disk, mounted in every container. */
export interface VolumeConstraint {
  readonly kind: "volume";
  readonly name: string;
  readonly path: string;
  /** A quantity: `2Gi`. */
  readonly size: string;
}

/** A value that can be set once: whoever asks for another one contradicts. A claim is one that no field shows. */
export type ValueConstraint =
  | { readonly kind: "label" | "annotation" | "claim"; readonly key: string; readonly value: string }
  | { readonly kind: "scheduler" | "priority" | "replicas"; readonly value: string };

/** One thing that an intent asks of a pod template or its workload. */
export type PlacementConstraint =
  | ValueConstraint
  | NodeConstraint
  | ReachConstraint
  | { readonly kind: "prefer"; readonly key: string; readonly values: readonly string[]; readonly weight: number }
  /** Without a value, any value of the taint. */
  | { readonly kind: "tolerate"; readonly key: string; readonly value?: string; readonly effect: string }
  | SpreadConstraint
  | PodAffinityConstraint
  | VolumeConstraint;

/** A constraint, and who wants it: `WithinRegion (app/tokyo-only)`. */
export interface RequestedConstraint<P extends PlacementConstraint = PlacementConstraint> {
  readonly by: string;
  readonly constraint: P;
}

/** What an intent may look at when its constraints are asked for: the object as its author made it, and the fleet. */
export interface PlacementContext {
  /** The fleet and cluster that the object goes to; absent where nobody said. */
  readonly scope?: FleetScope;
  /** The construct that makes the object. */
  readonly target: ApiObject;
  /** As its author made it: without what placements ask. */
  readonly object: KubeObject;
  /** The object's pod template. */
  readonly template: PodTemplate;
  /** One pod on each node that fits: nothing is left to a scheduler's scores. */
  readonly perNode: boolean;
}

/** What one placement construct wants. */
export interface Intent {
  /** The construct, as messages name it. */
  readonly by: string;
  constraints(context: PlacementContext): readonly PlacementConstraint[];
  /** What is wrong with it by itself, whatever else is asked. */
  problems(context: PlacementContext): readonly string[];
  /** Other objects that it goes by. */
  others(): readonly ApiObject[];
}

/** Those of one kind. */
export function selectKind<K extends PlacementConstraint["kind"]>(
  wanted: readonly RequestedConstraint[],
  ...kinds: readonly K[]
): RequestedConstraint<Extract<PlacementConstraint, { kind: K }>>[] {
  return wanted.filter(({ constraint }) =>
    (kinds as readonly string[]).includes(constraint.kind),
  ) as RequestedConstraint<Extract<PlacementConstraint, { kind: K }>>[];
}
