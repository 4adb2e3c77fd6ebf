import pc from "picocolors";

import { describeUnknown } from "../../fleet/problem";
import { engineRules } from "../../policies/engine/engine-rules";
import { type Policy, severityOf } from "../../policies/engine/policy";
import type { Rule, RuleMetadata } from "../../policies/engine/rule";
import { rules } from "../../policies/rules";
import { formatColumns } from "../table";
import { InputError } from "./input-error";

/** Returns where a rule is enforced. */
function enforcementPoints(rule: Rule): string[] {
  switch (rule.subject) {
    case "object":
    case "cluster":
      return ["policy", "plan", ...(rule.admission ? ["admission"] : [])];
    case "fleet":
      return ["policy"];
    case "resource":
      return ["plan"];
    case "drill":
      return ["preview"];
  }
}

/** Returns why a rule is not enforced at admission; undefined when it is, or when the rule gives no reason. */
function noAdmissionReason(rule: Rule): string | undefined {
  if ((rule.subject !== "object" && rule.subject !== "cluster") || rule.admission) return undefined;
  return rule.noAdmission ?? (rule.subject === "object" ? "the rule has no CEL expression" : undefined);
}

const rulesOf = (policy: Policy): readonly Rule[] => [...rules, ...(policy.rules ?? [])];

/** Lists all rules with their severities in an environment, one per line. */
export function ruleList(policy: Policy, environment: string, json: boolean): string {
  const rows = rulesOf(policy).map((rule) => ({
    id: rule.id,
    severity: severityOf(rule, policy, environment),
    subject: rule.subject,
    enforcedIn: enforcementPoints(rule),
    title: rule.title,
  }));
  if (json) return `${JSON.stringify({ version: 1, environment, rules: rows }, null, 2)}\n`;
  const head = ["RULE", "SEVERITY", "CHECKS", "ENFORCED IN", "TITLE"].map((title) => pc.dim(title));
  const lines = rows.map((row) => [row.id, row.severity, row.subject, row.enforcedIn.join(", "), row.title]);
  return `${formatColumns(lines, head)}\n`;
}

/**
 * Describes one rule: severity, subject, where it is enforced, reason and remedy.
 *
 * @throws InputError for an unknown rule
 */
export function ruleText(policy: Policy, environment: string, id: string): string {
  const all = rulesOf(policy);
  const engineRule = Object.values(engineRules).find((rule) => rule.id === id);
  if (engineRule) {
    const severity = severityOf(engineRule, policy, environment);
    return paragraphs(engineRule, [`severity     ${severity}`, "checks       rules, manifests and waivers"]);
  }
  const rule = all.find((each) => each.id === id);
  if (!rule) {
    const ids = [...all, ...Object.values(engineRules)].map((each) => each.id);
    throw new InputError([`--explain: ${describeUnknown("rule", id, ids)}`]);
  }
  const severity = severityOf(rule, policy, environment);
  const noAdmission = noAdmissionReason(rule);
  return paragraphs(rule, [
    `severity     ${severity} in ${environment}${rule.severity === severity ? "" : ` (default: ${rule.severity})`}`,
    `checks       ${rule.subject === "resource" ? rule.types.join(", ") : `each ${rule.subject}`}`,
    `enforced in  ${enforcementPoints(rule).join(", ")}`,
    ...(noAdmission === undefined ? [] : [`             not at admission: ${noAdmission}`]),
    ...(rule.controls ? [`controls     ${rule.controls.join(", ")}`] : []),
  ]);
}

function paragraphs({ id, title, why, remedy }: RuleMetadata, facts: readonly string[]): string {
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
