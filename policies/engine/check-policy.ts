import { createRequire } from "node:module";

import { formatPath, type Problem, formatValue, describeUnknown } from "../../fleet/problem";
import { describeIssues } from "../../fleet/reading/shape-problems";
import { ownRules, tunable } from "./own-rules";
import type { Policy } from "./policy";
import type * as schema from "./policy-schema";
import type { Rule } from "./rule";

const FIELDS = ["rules", "severities", "waivers", "rule", "object", "cluster", "reason", "expires"];

/** Thrown where a policy cannot be used; the message lists every problem. */
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

/** What names something that is not there; of a policy that may be malformed, whatever of it can be read. */
function referenceProblems(policy: Fields, rules: readonly Rule[]): Problem[] {
  const own = itemsOf(policy.rules).map(({ id }) => (typeof id === "string" ? id : ""));
  const brought = new Set([...rules, ...Object.values(ownRules)].map(({ id }) => id));
  const doubled = own.flatMap((id, index): Problem[] => {
    const path = `rules[${index}].id`;
    if (brought.has(id))
      return [{ path, message: `got ${formatValue(id)}, which Skerry brings itself: choose another` }];
    return id !== "" && own.indexOf(id) < index ? [{ path, message: `got ${formatValue(id)} a second time` }] : [];
  });
  const known = [...rules.map(({ id }) => id), ...own.filter((id) => id !== "")];
  const tuned = [...known, ...tunable.map(({ id }) => id)];
  const severities = Object.entries(fieldsOf(policy.severities)).flatMap(([environment, stated]) =>
    Object.keys(fieldsOf(stated))
      .filter((id) => !tuned.includes(id))
      .map((id) => ({
        path: formatPath(["severities", environment, id]),
        message: describeUnknown("rule", id, tuned),
      })),
  );
  const waivers = itemsOf(policy.waivers).flatMap(({ rule: id }, index) =>
    typeof id !== "string" || known.includes(id)
      ? []
      : [{ path: `waivers[${index}].rule`, message: describeUnknown("rule", id, known) }],
  );
  return [...doubled, ...severities, ...waivers];
}

/**
 * Every problem of a policy at once: none when it can be used.
 *
 * @param rules those it may speak of, beside its own
 */
export function policyProblems(policy: unknown, rules: readonly Rule[]): Problem[] {
  // Most policies are empty, and what checks others is large.
  if (Object.keys(fieldsOf(policy)).length === 0 && fieldsOf(policy) === policy) return [];
  const { policySchema } = createRequire(__filename)("./policy-schema") as typeof schema;
  const { error } = policySchema.safeParse(policy);
  const shape = error ? describeIssues(error.issues, policy, () => FIELDS) : [];
  return [...shape, ...referenceProblems(fieldsOf(policy), rules)];
}

/** @throws PolicyError with every problem */
export function checkedPolicy(policy: unknown, rules: readonly Rule[]): Policy {
  const problems = policyProblems(policy, rules);
  if (problems.length > 0) throw new PolicyError(problems);
  return policy as Policy;
}
