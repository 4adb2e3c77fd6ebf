import type { Severity } from "./rule";

/** An object as reports name it. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for what belongs to the whole cluster. */
  readonly namespace?: string;
  /** `backup-*` where the API server completes the name `backup-`. */
  readonly name: string;
}

/** Where something is stated. Lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  /** @default 1 */
  readonly column?: number;
}

/** A file, or a document of one, that is no Kubernetes object. */
export interface SkippedManifest {
  readonly file: string;
  /** Where the document begins; absent where the whole file is meant. */
  readonly line?: number;
  /** What it is, and how to check it: `a Helm chart: …`. */
  readonly what: string;
}

/** One place where a rule does not hold, with all that helps to mend it. */
export interface Finding {
  /** The rule's id. */
  readonly rule: string;
  readonly severity: Severity;
  /** What was got and what is allowed. */
  readonly message: string;
  readonly remedy: string;
  /** The cluster that the object goes to; absent where none is known. */
  readonly cluster?: string;
  /** Absent for what the fleet itself states. */
  readonly object?: ObjectName;
  /** Where inside the object, or inside the fleet. */
  readonly path: string;
  /** The construct that made the object: `workloads/dashboard`. */
  readonly construct?: string;
  /** The line of the fleet, or of the manifest, that states it. */
  readonly source?: SourcePlace;
  /** Present where the finding is tolerated for a time. */
  readonly waived?: { readonly reason: string; readonly expires: string };
}

/** What `skerry policy --format json` prints. A field may be added within a version; none changes its meaning. */
export interface PolicyReport {
  readonly version: 1;
  /** The environment whose severities held. */
  readonly environment: string;
  /** The day on which waivers were judged, `2026-11-24`. */
  readonly today: string;
  readonly rules: readonly {
    readonly id: string;
    readonly title: string;
    readonly why: string;
    readonly remedy: string;
    readonly severity: Severity;
  }[];
  /** Files and documents that are no Kubernetes objects, and were not judged. */
  readonly skipped: readonly SkippedManifest[];
  /** How many objects were looked at, each once a cluster. */
  readonly objects: number;
  /** By cluster, then object, then rule, then path. Waived ones are among them. */
  readonly findings: readonly Finding[];
  /** Waived findings are not counted. */
  readonly counts: Readonly<Record<Severity, number>> & { readonly waived: number };
  /**
   * What rule `matches-schema` checked objects by, for each minor version of Kubernetes: the API server's own code, or
   * the OpenAPI schema alone. Absent where the rule was not asked.
   */
  readonly schema?: readonly { readonly kubernetes: string; readonly by: "api-server" | "openapi" }[];
}
