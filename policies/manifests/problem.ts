import type { TextProblem } from "../../fleet/read-yaml";

/** Why something could not be read as manifests. */
export interface ManifestProblem extends TextProblem {
  /** As it was named, or found in a folder; `-` is standard input. */
  readonly file: string;
}

/** Problems as people read them, one a line: `deploy/web.yaml:12: …`. */
export function problemText({ file, line, message }: ManifestProblem): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${message}`;
}
