import type { FleetScope } from "./fleet-scope";
import type { WorkloadObject } from "./pod-template";

/** One thing that an intent asks of a pod template or its workload. */
export type Piece =
  | { readonly kind: "label" | "annotation"; readonly key: string; readonly value: string }
  | { readonly kind: "scheduler" | "priority"; readonly name: string }
  | { readonly kind: "replicas"; readonly count: number }
  /** Nodes whose label has one of these values. */
  | { readonly kind: "node"; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: "tolerate"; readonly key: string; readonly value?: string; readonly effect: string }
  | {
      readonly kind: "spread";
      readonly key: string;
      readonly maxSkew: number;
      readonly minDomains?: number;
      readonly whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway";
    }
  /** With the pods of a selector in one domain, or apart from them. */
  | {
      readonly kind: "pods";
      readonly apart: boolean;
      readonly key: string;
      readonly selector: Readonly<Record<string, string>>;
      readonly namespace?: string;
      readonly required: boolean;
    }
  /** A volume of the node's own disk, mounted in every container. */
  | { readonly kind: "volume"; readonly name: string; readonly path: string; readonly sizeGiB: number };

/** What an intent may look at when its pieces are asked for: the object as its author made it, and the fleet. */
export interface Facts extends Partial<FleetScope> {
  readonly object: WorkloadObject;
}

/** What one placement construct wants. */
export interface Intent {
  /** The construct, as messages name it: `WithinRegion (app/tokyo-only)`. */
  readonly by: string;
  pieces(facts: Facts): readonly Piece[];
  /** What is wrong with it by itself, whatever else is asked; none by default. */
  problems?(facts: Facts): readonly string[];
}
