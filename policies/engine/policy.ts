import type { Rule, Severity } from "./rule";

/** Tolerates what a rule finds, for a time. */
export interface Waiver {
  /** The rule's id. */
  readonly rule: string;
  /** `Kind/name` or `Kind/namespace/name`, `*` for any text in each part. @default every object, and the fleet itself */
  readonly object?: string;
  /** @default every cluster */
  readonly cluster?: string;
  /** Why it is tolerated, for whoever reads the report. Not empty. */
  readonly reason: string;
  /** The last day on which it counts, `2027-03-31`. From then on the finding is back, and the waiver is one itself. */
  readonly expires: string;
}

/** What a team states about policy, beside the rules that Skerry brings. */
export interface Policy {
  /** Rules of its own. @default [] */
  readonly rules?: readonly Rule[];
  /**
   * Severities by the rule's id, in every environment (`default`) and in single ones, which go before. `off` leaves a
   * rule out. @default each rule's own
   */
  readonly severities?: Readonly<Record<string, Readonly<Record<string, Severity | "off">>>>;
  /** @default [] */
  readonly waivers?: readonly Waiver[];
}

/** States a policy; there for its types. */
export const definePolicy = (policy: Policy): Policy => policy;
