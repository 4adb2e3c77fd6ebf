import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";

import { defaults } from "../../fleet/defaults";
import { Evaluator } from "../engine/evaluate";
import { EVERY_ENVIRONMENT, type Policy } from "../engine/policy";
import type { Finding } from "../engine/report";
import type { Rule } from "../engine/rule";
import { PlanContents, type PlannedSubject } from "./contents";

/** How rules are evaluated on a plan. */
export interface PlanOptions {
  /** @default no additional rules, no waivers, each rule's own severity */
  readonly policy?: Policy;
  /** The environment whose severities apply: the stack's name. @default "default" */
  readonly environment?: string;
  /** The date on which waivers are evaluated, `2026-11-24`. */
  readonly today: string;
  /** `major.minor.patch` of the clusters. @default the version that this release is tested with */
  readonly kubernetesVersion?: string;
}

/** A finding in a plan. */
export interface PlanFinding extends Finding {
  /** URN of the resource; absent for findings about a whole cluster or the policy. */
  readonly urn?: string;
}

/** Whether a rule checks a single object or cloud resource. */
const isSingle = ({ subject }: Rule): boolean => subject === "object" || subject === "resource";

/**
 * Evaluates rules on a plan: on each resource by itself before it is created, and on all resources together once they are
 * all known.
 */
export class PlanEvaluation {
  readonly evaluator: Evaluator;
  /** Evaluates the rules on single objects and cloud resources only. */
  private readonly singleEvaluator: Evaluator;
  private readonly contents: PlanContents;
  private readonly urns = new WeakMap<object, string>();
  private readonly findingsByUrn = new Map<string, readonly PlanFinding[]>();
  private findingsInStack: readonly PlanFinding[] = [];

  /** @throws PolicyError with every problem of the policy */
  constructor(
    rules: readonly Rule[],
    {
      policy = {},
      today,
      environment = EVERY_ENVIRONMENT,
      kubernetesVersion = defaults.cluster.kubernetesVersion,
    }: PlanOptions,
  ) {
    const construct = (subject: object): Pick<Finding, "construct"> => ({ construct: this.urns.get(subject)! });
    const options = {
      policy,
      today,
      environment,
      // A plan may be for a part of the fleet: a waiver that is unused in it may be used in another.
      unusedWaivers: false,
      locator: { object: construct, resource: construct },
    };
    this.evaluator = new Evaluator(rules, options);
    const only = this.evaluator.rules.filter(isSingle).map(({ id }) => id);
    this.singleEvaluator = new Evaluator(rules, { ...options, only });
    this.contents = new PlanContents(kubernetesVersion);
  }

  /** Evaluates the rules on single objects and cloud resources. */
  evaluateResource(args: ResourceValidationArgs): void {
    const planned = this.contents.add(args);
    this.findingsByUrn.set(args.urn, planned ? this.findings(this.singleEvaluator, [planned]) : []);
  }

  /** Evaluates all rules. */
  evaluateStack(resources: readonly PolicyResource[]): void {
    this.findingsInStack = this.findings(this.evaluator, this.contents.inStack(resources));
  }

  /** Returns the findings of a rule that {@link evaluateResource} found, without those that are waived. */
  resourceFindings(urn: string, rule: string): readonly PlanFinding[] {
    return (this.findingsByUrn.get(urn) ?? []).filter((finding) => finding.rule === rule);
  }

  /** Returns the findings of a rule that {@link evaluateStack} found, without those that are waived. */
  stackFindings(rule: string): readonly PlanFinding[] {
    return this.findingsInStack.filter((finding) => finding.rule === rule);
  }

  private findings(evaluator: Evaluator, planned: readonly PlannedSubject[]): PlanFinding[] {
    for (const { object, resource, urn } of planned) this.urns.set(object ?? resource, urn);
    return evaluator
      .evaluate(this.contents.subjects(planned))
      .findings.filter(({ waived }) => !waived)
      .map(({ construct, ...finding }) => ({ ...finding, ...(construct !== undefined && { urn: construct }) }));
  }
}
