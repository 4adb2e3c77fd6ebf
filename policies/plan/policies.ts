import type {
  EnforcementLevel,
  PolicyResource,
  ReportViolation,
  ResourceValidationPolicy,
  Severity as PulumiSeverity,
  StackValidationPolicy,
} from "@pulumi/policy";

import { defaults } from "../../fleet/defaults";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";
import type { ClusterRule, ObjectRule, ResourceRule, Rule, Severity, Violation } from "../rule";
import { isKubernetesObject, objectOf } from "./kubernetes";
import { known, mayBeUnknown } from "./known";

type PlanPolicy = ResourceValidationPolicy | StackValidationPolicy;

/** How rules are held in the plan. */
export interface PlanOptions {
  /** @default each rule's own */
  readonly severity?: (rule: Rule) => Severity | "off";
  /** Whether a violation is tolerated. @default none is */
  readonly waived?: (rule: Rule, cluster: string | undefined, object: KubeObject | undefined) => boolean;
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

/**
 * Rules as policies of Pulumi's engine. Those that look at one object or resource are asked before it is made; those that
 * look at a whole cluster when all of it is known, which at `pulumi up` without a preview is after it was made.
 */
export function planPolicies(rules: readonly Rule[], options: PlanOptions = {}): PlanPolicy[] {
  return rules.flatMap((rule): PlanPolicy[] => {
    const severity = options.severity?.(rule) ?? rule.severity;
    const stated = {
      name: rule.id,
      description: `${rule.title}.`,
      enforcementLevel: LEVELS[severity],
      severity: SEVERITIES[severity],
      remediationSteps: rule.remedy,
    };
    switch (rule.subject) {
      case "object":
        return [{ ...stated, validateResource: objectValidation(rule, options) }];
      case "resource":
        return [{ ...stated, validateResource: resourceValidation(rule, options) }];
      case "cluster":
        return [{ ...stated, validateStack: clusterValidation(rule, options) }];
      case "fleet":
        // The engine knows resources, not what they were made of.
        return [];
    }
  });
}

function message(rule: Rule, { path, message: found }: Violation, object?: KubeObject): string {
  const about = object ? `${objectId(object)}: ` : "";
  return `${about}${path === "" ? "" : `${path}: `}${found}\n${rule.remedy}`;
}

function objectValidation(rule: ObjectRule, { waived }: PlanOptions): ResourceValidationPolicy["validateResource"] {
  return ({ type, props, provider }, report) => {
    if (!isKubernetesObject(type)) return;
    const plain = known(props);
    const object = objectOf(type, plain.value);
    if (!object || waived?.(rule, clusterOf(provider?.name), object)) return;
    for (const violation of rule.check(object)) {
      if (!mayBeUnknown(violation.path, plain)) report(message(rule, violation, object));
    }
  };
}

function resourceValidation(rule: ResourceRule, { waived }: PlanOptions): ResourceValidationPolicy["validateResource"] {
  return ({ type, name, props }, report) => {
    if (!rule.types.includes(type) || waived?.(rule, undefined, undefined)) return;
    const plain = known(props);
    for (const violation of rule.check({ type, name, props: plain.value as Record<string, unknown> })) {
      if (!mayBeUnknown(violation.path, plain)) report(message(rule, violation));
    }
  };
}

function clusterValidation(rule: ClusterRule, options: PlanOptions): StackValidationPolicy["validateStack"] {
  return ({ resources }, report) => {
    for (const [provider, members] of byProvider(resources)) judge(rule, clusterOf(provider), members, options, report);
  };
}

function judge(
  rule: ClusterRule,
  cluster: string | undefined,
  members: readonly PolicyResource[],
  { waived, kubernetesVersion = defaults.cluster.kubernetesVersion }: PlanOptions,
  report: ReportViolation,
): void {
  const planned = members.flatMap(({ type, props, urn }) => {
    const plain = known(props);
    const object = objectOf(type, plain.value);
    return object ? [{ object, plain, urn }] : [];
  });
  const of = new Map(planned.map((each) => [each.object, each]));
  for (const violation of rule.check({ kubernetesVersion, objects: planned.map(({ object }) => object) })) {
    const at = of.get(violation.object);
    if (at && mayBeUnknown(violation.path, at.plain)) continue;
    if (!waived?.(rule, cluster, violation.object)) report(message(rule, violation, violation.object), at?.urn);
  }
}

/** The program names a cluster's provider `<cluster>-api`. */
const clusterOf = (provider: string | undefined): string | undefined => provider?.replace(/-api$/, "");

/** Objects of one provider are objects of one cluster. */
function byProvider(resources: readonly PolicyResource[]): Map<string | undefined, PolicyResource[]> {
  const groups = new Map<string | undefined, PolicyResource[]>();
  for (const resource of resources.filter(({ type }) => isKubernetesObject(type))) {
    const key = resource.provider?.name;
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return groups;
}
