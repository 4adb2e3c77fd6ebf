import type { ApiObject } from "cdk8s";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { PodTemplate } from "../../fleet/kubernetes/pod-template";
import type { FleetScope } from "../fleet-scope";

/** A topology domain: one machine, one failure domain, or one region. */
export type Domain = "node" | "zone" | "region";

/** What Kubernetes does with a pod that would violate a spread: leave it pending, or schedule it anyway. */
export type UnsatisfiableAction = "DoNotSchedule" | "ScheduleAnyway";

/** Requires nodes whose label has one of the values, or any value if none is given. */
export interface NodeConstraint {
  readonly kind: "node";
  readonly key: string;
  readonly values?: readonly string[];
}

/**
 * Requires nodes, like {@link NodeConstraint}, in a way that the edge scheduler enforces by itself. It is written to the pod
 * only if the edge scheduler does not place it (a DaemonSet), or if kube-scheduler must know it: a strict spread counts
 * every node that the pod's node affinity allows.
 */
export interface ReachConstraint {
  readonly kind: "reach";
  readonly key: string;
  readonly values: readonly string[];
}

/** Spreads pods over domains whose numbers of pods differ by at most `maxSkew`. */
export interface SpreadConstraint {
  readonly kind: "spread";
  readonly over: Domain;
  readonly maxSkew: number;
  readonly minDomains?: number;
  readonly whenUnsatisfiable: UnsatisfiableAction;
}

/** Places pods in the same domain as pods with these labels, or in a different one. */
export interface PodAffinityConstraint {
  readonly kind: "pods";
  readonly apart: boolean;
  readonly domain: Domain;
  readonly labels: Readonly<Record<string, string>>;
  /** Defaults to the namespace of the workload. */
  readonly namespace?: string;
  readonly required: boolean;
}

/** Adds a volume on the node's disk, mounted in every container. */
export interface VolumeConstraint {
  readonly kind: "volume";
  readonly name: string;
  readonly path: string;
  /** A quantity, such as `2Gi`. */
  readonly size: string;
}

/** Sets a value of which there can be only one. A claim is a value that corresponds to no single field. */
export type ValueConstraint =
  /** A label or annotation of the pods, an annotation of the object itself, or a claim. */
  | {
      readonly kind: "label" | "annotation" | "object-annotation" | "claim";
      readonly key: string;
      readonly value: string;
    }
  | { readonly kind: "scheduler" | "priority" | "replicas"; readonly value: string };

/** A constraint on a pod template or its workload. */
export type PlacementConstraint =
  | ValueConstraint
  | NodeConstraint
  | ReachConstraint
  | { readonly kind: "prefer"; readonly key: string; readonly values: readonly string[]; readonly weight: number }
  /** Tolerates any value of the taint if none is given. */
  | { readonly kind: "tolerate"; readonly key: string; readonly value?: string; readonly effect: string }
  | SpreadConstraint
  | PodAffinityConstraint
  | VolumeConstraint;

/** A constraint and the construct that requests it, such as `WithinRegion (app/tokyo-only)`. */
export interface RequestedConstraint<P extends PlacementConstraint = PlacementConstraint> {
  readonly by: string;
  readonly constraint: P;
}

/** The object that is placed, without its placements, and the cluster that will run it. */
export interface PlacementContext {
  /** The fleet and the cluster of the object. Absent unless `placeIn` set them. */
  readonly scope?: FleetScope;
  /** The construct that renders the object. */
  readonly target: ApiObject;
  /** The object without its placements. */
  readonly object: KubeObject;
  /** The object's pod template. */
  readonly template: PodTemplate;
  /** Whether the workload runs one pod per node, so that a scheduler has nothing to choose. */
  readonly perNode: boolean;
}

/** What one placement construct contributes to an object. */
export interface Intent {
  /** Names the construct in messages. */
  readonly by: string;
  constraints(context: PlacementContext): readonly PlacementConstraint[];
  /** Returns problems of the construct by itself. */
  problems(context: PlacementContext): readonly string[];
  /** Returns the other objects that the constraints depend on. */
  others(): readonly ApiObject[];
}

/** Selects the constraints of some kinds. */
export function selectKind<K extends PlacementConstraint["kind"]>(
  requested: readonly RequestedConstraint[],
  ...kinds: readonly K[]
): RequestedConstraint<Extract<PlacementConstraint, { kind: K }>>[] {
  return requested.filter(({ constraint }) =>
    (kinds as readonly string[]).includes(constraint.kind),
  ) as RequestedConstraint<Extract<PlacementConstraint, { kind: K }>>[];
}
