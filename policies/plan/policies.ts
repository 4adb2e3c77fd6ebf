import type {
  EnforcementLevel,
  ResourceValidationPolicy,
  Severity as PulumiSeverity,
  StackValidationPolicy,
} from "@pulumi/policy";

import { defaults } from "../../fleet/defaults";
import { type KubeObject, nameOf, objectId } from "../../fleet/kubernetes/object";
import { checkedPolicy } from "../engine/check-policy";
import type { Policy } from "../engine/policy";
import type { ClusterRule, ObjectRule, ResourceRule, Rule, Severity, Violation } from "../engine/rule";
import { withoutNulls } from "../schema/nulls";
import { EVERY_ENVIRONMENT, severityOf } from "../engine/severities";
import { Tolerance } from "../engine/tolerance";
import { clusterOf, PlanContents } from "./contents";
import { known, mayBeUnknown } from "./known";

type PlanPolicy = ResourceValidationPolicy | StackValidationPolicy;

/** How rules are held in the plan. */
export interface PlanOptions {
  /** @default no rules beside those given, no waivers, each rule's own severity */
  readonly policy?: Policy;
  /** Whose severities hold: the name of the stack. @default those of every environment */
  readonly environment?: string;
  /** The day on which waivers are judged, `2026-11-24`. */
  readonly today: string;
  /** `major.minor.patch` of the clusters. @default the version this release is tested with */
  readonly kubernetesVersion?: string;
}

/** A warning shows beside the plan, an error stops it. What merely informs has its place in reports. */
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

/** Finds nothing itself. */
const READING = {
  name: "plan-read",
  description: "What the plan puts into a cluster is read, for the rules that look at all of it together.",
  enforcementLevel: "mandatory",
} as const;

/**
 * Rules as policies of Pulumi's engine. Those that look at one object or resource are asked before it is made; those that
 * look at a whole cluster when all of it is known, which at `pulumi up` without a preview is after it was made.
 *
 * @param rules those that Skerry brings; the policy's own are added
 * @throws PolicyError when the policy is malformed or speaks of rules that there are not, with every problem
 */
export function planPolicies(
  rules: readonly Rule[],
  {
    today,
    environment = EVERY_ENVIRONMENT,
    kubernetesVersion = defaults.cluster.kubernetesVersion,
    ...options
  }: PlanOptions,
): PlanPolicy[] {
  const policy = checkedPolicy(options.policy ?? {}, rules);
  const tolerance = new Tolerance(policy.waivers ?? [], today);
  const contents = new PlanContents();
  const held = [...rules, ...(policy.rules ?? [])].flatMap((rule): PlanPolicy[] => {
    const severity = severityOf(rule, policy, environment);
    const stated = {
      name: rule.id,
      description: `${rule.title}.`,
      enforcementLevel: LEVELS[severity],
      severity: SEVERITIES[severity],
      remediationSteps: rule.remedy,
    };
    const tolerated: Tolerated = (cluster, object) =>
      tolerance.by({
        rule: rule.id,
        ...(cluster !== undefined && { cluster }),
        ...(object && { object: { ...object.metadata, kind: object.kind, name: nameOf(object) } }),
      }) !== undefined;
    switch (rule.subject) {
      case "object":
        return [{ ...stated, validateResource: objectValidation(rule, contents, kubernetesVersion, tolerated) }];
      case "resource":
        return [{ ...stated, validateResource: resourceValidation(rule, tolerated) }];
      case "cluster":
        return [{ ...stated, validateStack: clusterValidation(rule, contents, kubernetesVersion, tolerated) }];
      case "fleet":
        // The engine knows resources, not what they were made of.
        return [];
    }
  });
  return [{ ...READING, validateResource: contents.keep }, ...held];
}

/** Whether a waiver tolerates what is found about an object of a cluster. */
type Tolerated = (cluster?: string, object?: KubeObject) => boolean;

function message(rule: Rule, { path, message: found }: Violation, object?: KubeObject): string {
  const about = object ? `${objectId(object)}: ` : "";
  return `${about}${path === "" ? "" : `${path}: `}${found}\n${rule.remedy}`;
}

function objectValidation(
  rule: ObjectRule,
  contents: PlanContents,
  kubernetesVersion: string,
  tolerated: Tolerated,
): ResourceValidationPolicy["validateResource"] {
  return (args, report) => {
    const found = contents.of(args);
    if (!found || tolerated(clusterOf(args.provider), found.object)) return;
    const [object] = withoutNulls([found.object], kubernetesVersion);
    for (const violation of rule.check(object!)) {
      if (!mayBeUnknown(violation.path, found.plain)) report(message(rule, violation, found.object));
    }
  };
}

function resourceValidation(rule: ResourceRule, tolerated: Tolerated): ResourceValidationPolicy["validateResource"] {
  return ({ type, name, props }, report) => {
    if (!rule.types.includes(type) || tolerated()) return;
    const plain = known(props);
    for (const violation of rule.check({ type, name, props: plain.value as Record<string, unknown> })) {
      if (!mayBeUnknown(violation.path, plain)) report(message(rule, violation));
    }
  };
}

function clusterValidation(
  rule: ClusterRule,
  contents: PlanContents,
  kubernetesVersion: string,
  tolerated: Tolerated,
): StackValidationPolicy["validateStack"] {
  return ({ resources }, report) => {
    for (const [cluster, members] of contents.clusters(resources)) {
      const objects = withoutNulls(
        members.map(({ object }) => object),
        kubernetesVersion,
      );
      const of = new Map(objects.map((object, index) => [object, members[index]!]));
      for (const violation of rule.check({ kubernetesVersion, objects: [...of.keys()] })) {
        const { plain, urn } = of.get(violation.object)!;
        if (mayBeUnknown(violation.path, plain) || tolerated(cluster, violation.object)) continue;
        report(message(rule, violation, violation.object), urn);
      }
    }
  };
}
