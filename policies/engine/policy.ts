import type { Rule, Severity } from "./rule";

/** Tolerates the findings of one rule until a date. */
export interface Waiver {
  /** The rule's id. */
  readonly rule: string;
  /**
   * `Kind/name` or `Kind/namespace/name`. `*` matches any text within a part.
   *
   * @default all objects, and the fleet itself
   */
  readonly object?: string;
  /** @default all clusters */
  readonly cluster?: string;
  /** Why the findings are tolerated. Reports show it; it must not be empty. */
  readonly reason: string;
  /**
   * The last day on which the waiver applies, `2027-03-31` (UTC). After that day the findings count again, and the expired
   * waiver is itself a finding.
   */
  readonly expires: string;
}

/** A team's policy: its own rules, severities and waivers. */
export interface Policy {
  /** Rules in addition to Skerry's. @default [] */
  readonly rules?: readonly Rule[];
  /**
   * Severities by environment, then by rule id. Severities under `default` apply in all environments; those of a specific
   * environment take precedence. `off` disables a rule.
   *
   * @default each rule's own severity
   */
  readonly severities?: Readonly<Record<string, Readonly<Record<string, Severity | "off">>>>;
  /** @default [] */
  readonly waivers?: readonly Waiver[];
}

/** Returns the policy unchanged. Use it so that the compiler checks and completes the policy's fields. */
export const definePolicy = (policy: Policy): Policy => policy;

/** The environment whose severities apply in all environments. */
export const EVERY_ENVIRONMENT = "default";

/**
 * Returns a rule's severity in an environment: the policy's for that environment, else the policy's for all environments,
 * else the rule's own.
 */
export function severityOf(
  { id, severity }: Pick<Rule, "id" | "severity">,
  { severities = {} }: Pick<Policy, "severities">,
  environment: string,
): Severity | "off" {
  return severities[environment]?.[id] ?? severities[EVERY_ENVIRONMENT]?.[id] ?? severity;
}
