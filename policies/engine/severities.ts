import type { Policy } from "./policy";
import type { Rule, Severity } from "./rule";

/** The key under which a policy states severities for every environment. */
export const EVERY_ENVIRONMENT = "default";

/** How bad it is in an environment to break a rule: what the policy states there, what it states everywhere, the rule's own. */
export function severityOf(
  { id, severity }: Pick<Rule, "id" | "severity">,
  { severities = {} }: Pick<Policy, "severities">,
  environment: string,
): Severity | "off" {
  return severities[environment]?.[id] ?? severities[EVERY_ENVIRONMENT]?.[id] ?? severity;
}
