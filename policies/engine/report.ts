import type { KubeObject } from "../../fleet/kubernetes/object";
import type { CloudResource, Severity } from "./rule";

/** An object's name in reports. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  /** `backup-*` when the API server generates the name from the prefix `backup-`. */
  readonly name: string;
}

/** A position in a source file. Lines and columns start at 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  /** @default 1 */
  readonly column?: number;
}

/** A file, or a document in a file, that is not a Kubernetes object. */
export interface SkippedManifest {
  readonly file: string;
  /** First line of the document. Absent when the whole file is skipped. */
  readonly line?: number;
  /** What the file or document is, and how to check it: `a Helm chart: …`. */
  readonly what: string;
}

/** A violation of a rule, with its severity and what is needed to fix it. */
export interface Finding {
  /** The rule's id. */
  readonly rule: string;
  readonly severity: Severity;
  /** The value found and what is allowed. */
  readonly message: string;
  readonly remedy: string;
  /** The object's cluster. Absent when it is unknown. */
  readonly cluster?: string;
  /** The object that violates the rule. Absent for findings about the fleet, a cloud resource, a file or the policy. */
  readonly object?: ObjectName;
  /** The cloud resource that violates the rule. */
  readonly resource?: Pick<CloudResource, "type" | "name">;
  /** The simulated loss by which the rule is violated: `region=tokyo`. */
  readonly drill?: string;
  /** Path in the object, the resource, the fleet or the policy. Empty for the subject as a whole. */
  readonly path: string;
  /** Path of the construct that created the object: `workloads/dashboard`. In a plan, the URN of the resource. */
  readonly construct?: string;
  /** Position of the value at `path` in the fleet, the manifest or the policy. */
  readonly source?: SourcePlace;
  /** The waiver that tolerates the finding. */
  readonly waived?: { readonly reason: string; readonly expires: string };
}

/** Finds the sources of findings. */
export interface SourceLocator {
  /** The construct that created an object, and the source of the value at a path in it. */
  object?(object: KubeObject, path: string): Pick<Finding, "construct" | "source">;
  /** The construct that created a cloud resource, and the source of the value at a path in it. */
  resource?(resource: CloudResource, path: string): Pick<Finding, "construct" | "source">;
  /** The source of the value at a path in the fleet. */
  fleet?(path: string): SourcePlace | undefined;
  /** The source of the value at a path in the policy. */
  policy?(path: string): SourcePlace | undefined;
}

/** The report that `skerry policy --format json` prints. Within a version, fields may be added but keep their meaning. */
export interface PolicyReport {
  readonly version: 1;
  /** The environment whose severities were applied. */
  readonly environment: string;
  /** The date on which waivers were evaluated, `2026-11-24`. */
  readonly today: string;
  /** The rules that were evaluated, and the engine's own rules that have findings. */
  readonly rules: readonly {
    readonly id: string;
    readonly title: string;
    readonly why: string;
    readonly remedy: string;
    readonly severity: Severity;
  }[];
  /** Files and documents that are not Kubernetes objects and were not evaluated. */
  readonly skipped: readonly SkippedManifest[];
  /** Number of objects evaluated. An object that goes to several clusters counts once per cluster. */
  readonly objects: number;
  /** Sorted by cluster, object, rule and path. Includes waived findings. */
  readonly findings: readonly Finding[];
  /** Numbers of findings. `error`, `warning` and `info` do not include waived findings. */
  readonly counts: Readonly<Record<Severity, number>> & { readonly waived: number };
  /**
   * How rule `matches-schema` checked objects, for each minor version of Kubernetes: with the API server's own validation or
   * with the OpenAPI schema only. Absent when the rule was not evaluated.
   */
  readonly schema?: readonly { readonly kubernetes: string; readonly by: "api-server" | "openapi" }[];
}
