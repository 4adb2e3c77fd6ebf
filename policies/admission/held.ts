import type { Policy } from "../engine/policy";
import type { Rule, Severity } from "../engine/rule";
import { severityOf } from "../engine/policy";
import { isExpired } from "../engine/waivers";

/** A policy as it holds in an environment on a day. */
export interface EnforcedPolicy {
  readonly policy: Policy;
  /** Whose severities hold. */
  readonly environment: string;
  /** The day on which waivers are judged, `2026-11-24`. */
  readonly today: string;
}

/**
 * The rules that a cluster's API server holds to, and how bad it is to break each. A pod has another name than what makes
 * it, so the API server cannot tell what a waiver means: while one counts, its rule warns where it would refuse.
 *
 * @param rules those that Skerry brings; the policy's own are added
 */
export function heldInCluster(
  { policy, environment, today }: EnforcedPolicy,
  cluster: string,
  rules: readonly Rule[],
): { readonly rules: readonly Rule[]; readonly severities: Readonly<Record<string, Severity | "off">> } {
  const all = [...rules, ...(policy.rules ?? [])];
  const waived = new Set(
    (policy.waivers ?? [])
      .filter((waiver) => !isExpired(waiver, today) && (waiver.cluster ?? cluster) === cluster)
      .map(({ rule }) => rule),
  );
  const severity = (rule: Rule): Severity | "off" => {
    const stated = severityOf(rule, policy, environment);
    return stated === "error" && waived.has(rule.id) ? "warning" : stated;
  };
  return { rules: all, severities: Object.fromEntries(all.map((rule) => [rule.id, severity(rule)])) };
}
