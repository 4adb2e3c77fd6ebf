import type { ResourceOperation } from "../../preview/plan";

/** A resource that differs from the program, and what `pulumi up` would do to it. */
export interface DriftedResource extends Pick<ResourceOperation, "operation" | "type" | "name"> {
  /** Absent for resources that belong to no cluster. */
  readonly cluster?: string;
  /** Paths of the fields that differ. Values are never part of a report. */
  readonly fields: readonly string[];
}

/** The output of `skerry drift --format json`. */
export interface DriftReport {
  readonly version: 1;
  readonly stack: string;
  /** Number of resources that were compared, without components and providers. */
  readonly resources: number;
  readonly drifted: readonly DriftedResource[];
  /** Clusters that were not compared. */
  readonly unreachable: readonly { readonly cluster: string; readonly reason: string }[];
}
