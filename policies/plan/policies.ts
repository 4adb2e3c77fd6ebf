import type {
  EnforcementLevel,
  ResourceValidationPolicy,
  Severity as PulumiSeverity,
  StackValidationPolicy,
} from "@pulumi/policy";

import { engineRules } from "../engine/engine-rules";
import type { Rule, RuleMetadata, Severity } from "../engine/rule";
import { objectText } from "../reports/groups";
import { PlanEvaluation, type PlanFinding, type PlanOptions } from "./evaluation";

export type PlanPolicy = ResourceValidationPolicy | StackValidationPolicy;

/** Warnings are shown with the plan and errors stop it. Informational findings are left to reports. */
const LEVELS: Readonly<Record<Severity | "off", EnforcementLevel>> = {
  error: "mandatory",
  warning: "advisory",
  info: "disabled",
  off: "disabled",
};

const SEVERITIES: Readonly<Record<Severity | "off", PulumiSeverity>> = {
  error: "high",
  warning: "medium",
  info: "low",
  off: "low",
};

/** Evaluates all rules; the policies after it report what it found. */
const EVALUATION = {
  name: "plan-read",
  description: "Reads the planned objects and resources, and evaluates the rules on them.",
  enforcementLevel: "mandatory",
} as const;

/** The engine's own rules that apply to a plan. It has no manifests, and may lack what an unused waiver is for. */
const ENGINE_RULES = [engineRules.ruleFailed, engineRules.waiverExpired, engineRules.waiverLasting];

/**
 * Returns rules as policies of Pulumi's engine, one per rule. Rules on single objects and cloud resources report before the
 * resource is created. Rules on clusters, and rules that fail, report when the engine validates the whole stack: at the end
 * of a preview, or after creation in an update without preview. Rules on fleets are left out: a plan has no fleet.
 *
 * @param rules Skerry's rules; the policy's own rules are added
 * @throws PolicyError with every problem of the policy
 */
export function planPolicies(rules: readonly Rule[], options: PlanOptions): PlanPolicy[] {
  const evaluation = new PlanEvaluation(rules, options);
  const evaluate: ResourceValidationPolicy & StackValidationPolicy = {
    ...EVALUATION,
    validateResource: (args) => evaluation.evaluateResource(args),
    validateStack: ({ resources }) => evaluation.evaluateStack(resources),
  };
  const describe = ({ id, title, remedy, severity: own }: RuleMetadata) => {
    const severity = evaluation.evaluator.severityOf({ id, severity: own });
    return {
      name: id,
      description: `${title}.`,
      enforcementLevel: LEVELS[severity],
      severity: SEVERITIES[severity],
      remediationSteps: remedy,
    };
  };
  const reportInStack = (rule: RuleMetadata): StackValidationPolicy => ({
    ...describe(rule),
    validateStack: (_args, report) => {
      for (const finding of evaluation.stackFindings(rule.id)) report(findingText(finding), finding.urn);
    },
  });
  const reportForResource = (rule: RuleMetadata): ResourceValidationPolicy => ({
    ...describe(rule),
    validateResource: ({ urn }, report) => {
      for (const finding of evaluation.resourceFindings(urn, rule.id)) report(findingText(finding));
    },
  });
  const policies = evaluation.evaluator.rules.flatMap((rule): PlanPolicy[] => {
    switch (rule.subject) {
      case "object":
      case "resource":
        return [reportForResource(rule)];
      case "cluster":
        return [reportInStack(rule)];
      case "fleet":
      case "drill":
        return [];
    }
  });
  return [evaluate, ...policies, ...ENGINE_RULES.map(reportInStack)];
}

function findingText({ object, path, message, remedy }: PlanFinding): string {
  const location = [...(object ? [objectText(object)] : []), ...(path === "" ? [] : [path])];
  return `${[...location, message].join(": ")}\n${remedy}`;
}
