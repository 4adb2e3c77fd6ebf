import type { TextProblem } from "../../fleet/reading/read-text";

/** Why something could not be read as manifests, in whole or in part. */
export interface ManifestProblem extends TextProblem {
  /** As it was named, or found in a folder; `-` is standard input. */
  readonly file: string;
}

/** A file, or a document of one, that is no Kubernetes object. */
export interface Skipped {
  readonly file: string;
  /** Absent where it is the whole file. */
  readonly line?: number;
  /** What it is: `a Helm chart: …`. */
  readonly what: string;
}
