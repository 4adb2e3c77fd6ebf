import type { Policy } from "../engine/policy";
import type { Rule, Severity } from "../engine/rule";
import { severityOf } from "../engine/severities";
import { isExpired } from "../engine/waivers";

/** A policy that clusters enforce, with the environment and the day that it is evaluated for. */
export interface EnforcedPolicy {
  readonly policy: Policy;
  /** Environment whose severities apply. */
  readonly environment: string;
  /** Day for the expiry of waivers, for example `2026-11-24`. */
  readonly today: string;
}

/**
 * Returns the rules that a cluster's API server enforces, with their severities. The name of a pod differs from that of its
 * workload, so the API server cannot match a waiver's object. While a waiver is valid, its rule warns instead of rejecting.
 *
 * @param rules Skerry's rules; the custom rules of the policy are added
 */
export function resolveEnforcement(
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
    const configured = severityOf(rule, policy, environment);
    return configured === "error" && waived.has(rule.id) ? "warning" : configured;
  };
  return { rules: all, severities: Object.fromEntries(all.map((rule) => [rule.id, severity(rule)])) };
}
