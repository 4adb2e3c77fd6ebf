import pc from "picocolors";

import { unknown } from "../../fleet/problem";
import { engineRules } from "../../policies/engine/engine-rules";
import type { Policy } from "../../policies/engine/policy";
import type { Rule } from "../../policies/engine/rule";
import { rules } from "../../policies/rules";
import { severityOf } from "../../policies/engine/policy";
import { columns } from "../table";
import { Unusable } from "./unusable";

/** Where a rule holds. */
function heldIn(rule: Rule): string[] {
  switch (rule.subject) {
    case "object":
    case "cluster":
      return ["policy", "plan", ...(rule.admission ? ["admission"] : [])];
    case "fleet":
      return ["policy"];
    case "resource":
      return ["plan"];
  }
}

/** Why a rule does not hold there; of those that look at a whole cluster, only if they say so. */
function notAtAdmission(rule: Rule): string[] {
  if ((rule.subject !== "object" && rule.subject !== "cluster") || rule.admission) return [];
  const reason = rule.noAdmission ?? (rule.subject === "object" ? "it is stated in TypeScript alone" : undefined);
  return reason === undefined ? [] : [reason];
}

const rulesOf = (policy: Policy): readonly Rule[] => [...rules, ...(policy.rules ?? [])];

/** Every rule in a line, with the severity that holds in an environment. */
export function ruleList(policy: Policy, environment: string, json: boolean): string {
  const rows = rulesOf(policy).map((rule) => ({
    id: rule.id,
    severity: severityOf(rule, policy, environment),
    subject: rule.subject,
    heldIn: heldIn(rule),
    title: rule.title,
  }));
  if (json) return `${JSON.stringify({ version: 1, environment, rules: rows }, null, 2)}\n`;
  const head = ["RULE", "SEVERITY", "LOOKS AT", "HOLDS IN", "TITLE"].map((each) => pc.dim(each));
  const lines = rows.map((row) => [row.id, row.severity, row.subject, row.heldIn.join(", "), row.title]);
  return `${columns(lines, head)}\n`;
}

/**
 * Everything that is to be said about one rule.
 *
 * @throws Unusable when there is no such rule
 */
export function ruleText(policy: Policy, environment: string, id: string): string {
  const all = rulesOf(policy);
  const own = Object.values(engineRules).find((rule) => rule.id === id);
  if (own)
    return paragraphs(own, [`severity   ${severityOf(own, policy, environment)}`, "about      the policy itself"]);
  const rule = all.find((each) => each.id === id);
  if (!rule)
    throw new Unusable([
      `--explain: ${unknown(id, [...all.map((each) => each.id), ...Object.values(engineRules).map((each) => each.id)])}`,
    ]);
  return paragraphs(rule, [
    `severity   ${severityOf(rule, policy, environment)} in ${environment}${rule.severity === severityOf(rule, policy, environment) ? "" : `, by itself ${rule.severity}`}`,
    `looks at   ${rule.subject === "resource" ? rule.types.join(", ") : `each ${rule.subject}`}`,
    `holds in   ${heldIn(rule).join(", ")}`,
    ...notAtAdmission(rule).map((reason) => `           not at admission: ${reason}`),
  ]);
}

function paragraphs(
  { id, title, why, remedy }: Pick<Rule, "id" | "title" | "why" | "remedy">,
  facts: readonly string[],
): string {
  return [
    pc.bold(id),
    `  ${title}.`,
    "",
    ...facts.map((fact) => `  ${fact}`),
    "",
    `  Why: ${why}`,
    `  Remedy: ${remedy}`,
    "",
  ].join("\n");
}
