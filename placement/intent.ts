import type { ApiObject } from "cdk8s";

import type { KubeObject } from "../fleet/kubernetes/object";
import type { PodTemplate } from "../fleet/kubernetes/pod-template";
import type { FleetScope } from "./fleet-scope";

/** Where pods are together, or apart: on one machine, in one failure domain, in one region. */
export type Domain = "node" | "zone" | "region";

/** Kubernetes' two answers to a spread that cannot be kept: leave the pod waiting, or place it all the same. */
export type Unsatisfiable = "DoNotSchedule" | "ScheduleAnyway";

/** Nodes whose label has one of these values; any value, where none is stated. */
export interface NodePiece {
  readonly kind: "node";
  readonly key: string;
  readonly values?: readonly string[];
}

/**
 * Nodes that the edge scheduler keeps a pod to by itself. Said in the object too where it has no say (a DaemonSet), or
 * where somebody else has to know: a hard spread counts every node that the pod's own fields allow.
 */
export interface ReachPiece {
  readonly kind: "reach";
  readonly key: string;
  readonly values: readonly string[];
}

/** Evenly over domains, as far as they differ by no more than a skew. */
export interface SpreadPiece {
  readonly kind: "spread";
  readonly over: Domain;
  readonly maxSkew: number;
  readonly minDomains?: number;
  readonly whenUnsatisfiable: Unsatisfiable;
}

/** With the pods of a selector in one domain, or apart from them. */
export interface PodsPiece {
  readonly kind: "pods";
  readonly apart: boolean;
  readonly domain: Domain;
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: the workload's own. */
  readonly namespace?: string;
  readonly required: boolean;
}

/** A volume on the node's own disk, mounted in every container. */
export interface VolumePiece {
  readonly kind: "volume";
  readonly name: string;
  readonly path: string;
  /** A quantity: `2Gi`. */
  readonly size: string;
}

/** A value that can be set once: whoever asks for another one contradicts. A claim is one that no field shows. */
export type ValuePiece =
  | { readonly kind: "label" | "annotation" | "claim"; readonly key: string; readonly value: string }
  | { readonly kind: "scheduler" | "priority" | "replicas"; readonly value: string };

/** One thing that an intent asks of a pod template or its workload. */
export type Piece =
  | ValuePiece
  | NodePiece
  | ReachPiece
  | { readonly kind: "prefer"; readonly key: string; readonly values: readonly string[]; readonly weight: number }
  /** Without a value, any value of the taint. */
  | { readonly kind: "tolerate"; readonly key: string; readonly value?: string; readonly effect: string }
  | SpreadPiece
  | PodsPiece
  | VolumePiece;

/** A piece, and who wants it: `WithinRegion (app/tokyo-only)`. */
export interface Wanted<P extends Piece = Piece> {
  readonly by: string;
  readonly piece: P;
}

/** What an intent may look at when its pieces are asked for: the object as its author made it, and the fleet. */
export interface Facts {
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
  pieces(facts: Facts): readonly Piece[];
  /** What is wrong with it by itself, whatever else is asked. */
  problems(facts: Facts): readonly string[];
  /** Other objects that it goes by. */
  others(): readonly ApiObject[];
}

/** Those of one kind. */
export function ofKind<K extends Piece["kind"]>(
  wanted: readonly Wanted[],
  ...kinds: readonly K[]
): Wanted<Extract<Piece, { kind: K }>>[] {
  return wanted.filter(({ piece }) => (kinds as readonly string[]).includes(piece.kind)) as Wanted<
    Extract<Piece, { kind: K }>
  >[];
}
