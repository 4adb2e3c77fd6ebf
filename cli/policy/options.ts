import type { Validation } from "./validator";

/** Formats of the report. */
export const FORMATS = ["table", "json", "sarif", "junit", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

/** The options of `skerry policy`, as its help describes them. */
export interface PolicyOptions {
  readonly stack: string;
  readonly fleet?: string;
  readonly cluster?: string;
  readonly kubernetesVersion?: string;
  readonly validation?: Validation;
  readonly environment?: string;
  readonly config?: string;
  readonly exclude?: readonly string[];
  readonly crds?: readonly string[];
  readonly rule?: readonly string[];
  readonly failOn: "error" | "warning";
  readonly format: Format;
  readonly output?: string;
  readonly today?: string;
  readonly listRules?: boolean;
  readonly explain?: string;
}
