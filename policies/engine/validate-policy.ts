import { createRequire } from "node:module";

import { formatPath, type Problem, formatValue, describeUnknown } from "../../fleet/problem";
import { describeIssues } from "../../fleet/reading/shape-problems";
import { engineRules, tunableEngineRules } from "./engine-rules";
import type { Policy } from "./policy";
import type * as schema from "./policy-schema";
import type { Rule } from "./rule";

const FIELDS = ["rules", "severities", "waivers", "rule", "object", "cluster", "reason", "expires"];

/** Thrown for an invalid policy. The message lists every problem. */
export class PolicyError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      `${count} in the policy:\n${problems.map(({ path, message }) => `  ${path || "policy"}: ${message}`).join("\n")}`,
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const itemsOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** Finds duplicate rule ids, and references to unknown rules. The policy may be malformed. */
function referenceProblems(policy: Fields, rules: readonly Rule[]): Problem[] {
  const ownIds = itemsOf(policy.rules).map(({ id }) => (typeof id === "string" ? id : ""));
  const reservedIds = new Set([...rules, ...Object.values(engineRules)].map(({ id }) => id));
  const duplicates = ownIds.flatMap((id, index): Problem[] => {
    const path = `rules[${index}].id`;
    if (reservedIds.has(id))
      return [{ path, message: `got ${formatValue(id)}: must not be the id of a rule of Skerry` }];
    return id !== "" && ownIds.indexOf(id) < index ? [{ path, message: `duplicate value ${formatValue(id)}` }] : [];
  });
  const ruleIds = [...rules.map(({ id }) => id), ...ownIds.filter((id) => id !== "")];
  const tunableIds = [...ruleIds, ...tunableEngineRules.map(({ id }) => id)];
  const severities = Object.entries(fieldsOf(policy.severities)).flatMap(([environment, severityById]) =>
    Object.keys(fieldsOf(severityById))
      .filter((id) => !tunableIds.includes(id))
      .map((id) => ({
        path: formatPath(["severities", environment, id]),
        message: describeUnknown("rule", id, tunableIds),
      })),
  );
  const waivers = itemsOf(policy.waivers).flatMap(({ rule: id }, index) =>
    typeof id !== "string" || ruleIds.includes(id)
      ? []
      : [{ path: `waivers[${index}].rule`, message: describeUnknown("rule", id, ruleIds) }],
  );
  return [...duplicates, ...severities, ...waivers];
}

/**
 * Returns every problem of a policy: invalid fields, duplicate rule ids, unknown rules.
 *
 * @param rules the rules that the policy may refer to in addition to its own
 */
export function validatePolicy(policy: unknown, rules: readonly Rule[]): Problem[] {
  // Most policies are empty, and the schema library is slow to load.
  if (Object.keys(fieldsOf(policy)).length === 0 && fieldsOf(policy) === policy) return [];
  const { policySchema } = createRequire(__filename)("./policy-schema") as typeof schema;
  const { error } = policySchema.safeParse(policy);
  const shape = error ? describeIssues(error.issues, policy, () => FIELDS) : [];
  return [...shape, ...referenceProblems(fieldsOf(policy), rules)];
}

/**
 * Returns a policy after validating it.
 *
 * @param rules the rules that the policy may refer to in addition to its own
 * @throws PolicyError with every problem
 */
export function parsePolicy(policy: unknown, rules: readonly Rule[]): Policy {
  const problems = validatePolicy(policy, rules);
  if (problems.length > 0) throw new PolicyError(problems);
  return policy as Policy;
}
