import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import type { SkippedManifest } from "./report";
import type { BrokenIntent, CloudResource } from "./rule";

/** The objects of one cluster. */
export interface ClusterSubject {
  /** Absent when the cluster of the objects is unknown. */
  readonly name?: string;
  /** `major.minor.patch`. */
  readonly kubernetesVersion: string;
  /** Objects to evaluate. */
  readonly objects: readonly KubeObject[];
  /** Other objects in the cluster: rules see them, findings about them are dropped. @default [] */
  readonly context?: readonly KubeObject[];
}

/** Everything that rules are evaluated on. */
export interface Subjects {
  /** @default rules on fleets are not evaluated */
  readonly fleet?: Fleet;
  readonly clusters: readonly ClusterSubject[];
  /** @default rules on cloud resources are not evaluated */
  readonly resources?: readonly CloudResource[];
  /** What simulated losses break, by name of the cluster. @default rules on drills are not evaluated */
  readonly drills?: ReadonlyMap<string, readonly BrokenIntent[]>;
  /** Manifests that could not be read; each becomes a finding. @default [] */
  readonly unreadable?: readonly UnreadableManifest[];
  /** Files and documents that are not Kubernetes objects; the report lists them. @default [] */
  readonly skipped?: readonly SkippedManifest[];
  /**
   * Paths whose values a plan cannot know yet, by object or resource. Violations that may be caused by such a missing
   * value are dropped.
   *
   * @default every value is known
   */
  readonly unknownPaths?: ReadonlyMap<KubeObject | CloudResource, readonly string[]>;
}

/** Why a manifest, or a part of it, could not be read. */
export interface UnreadableManifest {
  readonly file: string;
  /** @default 1 */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

const contains = (outer: string, path: string): boolean =>
  outer === "" || path === outer || (path.startsWith(outer) && /^[.[]/.test(path.slice(outer.length)));

/** Whether a path overlaps one of the paths whose values are unknown. */
export function overlapsUnknown(path: string, unknownPaths: readonly string[]): boolean {
  return unknownPaths.some((each) => contains(each, path) || contains(path, each));
}
