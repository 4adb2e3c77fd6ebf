import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { formatValue, describeUnknown } from "../../fleet/problem";
import { checkCluster, checkDrills, checkFleet, checkResource, type RuleViolation, SCHEMA_RULE } from "./check";
import { parsePolicy } from "./validate-policy";
import { DecodedObjects } from "./decoded-objects";
import { engineRules } from "./engine-rules";
import { type Policy, severityOf } from "./policy";
import type { Finding, ObjectName, PolicyReport, SourceLocator } from "./report";
import type { Rule, RuleMetadata, Severity } from "./rule";
import { overlapsUnknown, type Subjects } from "./subjects";
import { WaiverUse } from "./waivers";
import type { Validator } from "../schema/validator";
import { minorOf } from "../schema/versions";

/** How rules are evaluated. */
export interface EvaluateOptions {
  /** @default no additional rules, no waivers, each rule's own severity */
  readonly policy?: Policy;
  /** The environment whose severities apply. */
  readonly environment: string;
  /** The date on which waivers and expiry dates are evaluated, `2026-11-24`. */
  readonly today: string;
  /** Ids of the rules to evaluate. @default all rules */
  readonly only?: readonly string[];
  /** Whether to report waivers that match no finding. Set it to false when only some subjects are evaluated. @default true */
  readonly unusedWaivers?: boolean;
  /** @default findings have no construct and no source */
  readonly locator?: SourceLocator;
  /** Runs the API server's validation. @default objects are checked against Kubernetes' OpenAPI schema only */
  readonly validator?: Validator;
}

/**
 * Evaluates every rule on every subject. A rule that throws or returns something other than violations is a finding of
 * rule `rule-failed`. Equal inputs give equal reports.
 *
 * @param rules Skerry's rules; the policy's own rules are added
 * @throws PolicyError with every problem of the policy
 * @throws RangeError when `only` contains an unknown rule or a rule that has no subject here
 */
export function evaluate(rules: readonly Rule[], subjects: Subjects, options: EvaluateOptions): PolicyReport {
  return new Evaluator(rules, options).evaluate(subjects);
}

/** Evaluates rules under one policy, which is checked once. */
export class Evaluator {
  /** Skerry's rules and the policy's own. */
  readonly rules: readonly Rule[];
  private readonly policy: Policy;
  private readonly metadataById: ReadonlyMap<string, RuleMetadata>;

  /** @throws PolicyError with every problem of the policy */
  constructor(
    rules: readonly Rule[],
    private readonly options: EvaluateOptions,
  ) {
    this.policy = parsePolicy(options.policy ?? {}, rules);
    this.rules = [...rules, ...(this.policy.rules ?? [])];
    this.metadataById = new Map([...this.rules, ...Object.values(engineRules)].map((rule) => [rule.id, rule]));
  }

  /** Returns a rule's severity under the policy. */
  severityOf(rule: Pick<RuleMetadata, "id" | "severity">): Severity | "off" {
    // A failed rule leaves its subject unchecked, whatever its own severity.
    return rule.id === engineRules.ruleFailed.id ? "error" : severityOf(rule, this.policy, this.options.environment);
  }

  /** @throws RangeError when option `only` contains an unknown rule or a rule that has no subject here */
  evaluate(subjects: Subjects): PolicyReport {
    const { environment, today, validator } = this.options;
    const evaluated = selectRules(this.rules, subjects, this.options.only).filter(
      (rule) => this.severityOf(rule) !== "off",
    );
    const waivers = new WaiverUse(this.policy.waivers ?? [], today);
    const findings = sortFindings([
      ...this.ruleFindings(evaluated, subjects, waivers),
      ...this.unreadableFindings(subjects),
      ...this.waiverFindings(evaluated, subjects, waivers),
    ]);
    const reported = Object.values(engineRules).filter(({ id }) => findings.some(({ rule }) => rule === id));
    return {
      version: 1,
      environment,
      today,
      rules: [...evaluated, ...reported].map(({ id, title, why, remedy, severity }) => {
        return { id, title, why, remedy, severity: this.severityOf({ id, severity }) as Severity };
      }),
      skipped: subjects.skipped ?? [],
      objects: subjects.clusters.reduce((sum, { objects }) => sum + objects.length, 0),
      findings,
      counts: countFindings(findings),
      ...(evaluated.some(({ id }) => id === SCHEMA_RULE) && { schema: schemaChecks(subjects, validator) }),
    };
  }

  private ruleFindings(evaluated: readonly Rule[], subjects: Subjects, waivers: WaiverUse): Finding[] {
    const { clusters, fleet, resources = [], drills = [], unknownPaths } = subjects;
    const { today, validator } = this.options;
    const decoded = new DecodedObjects(clusters);
    const violations = [
      ...(fleet ? checkFleet(evaluated, fleet) : []),
      ...resources.flatMap((resource) => checkResource(evaluated, resource)),
      ...decoded.clusters.flatMap((cluster) => checkCluster(evaluated, cluster, { today }, validator)),
      ...[...drills].flatMap(([cluster, broken]) => checkDrills(evaluated, cluster, broken)),
    ];
    const isKnown = ({ rule, path, object, resource }: RuleViolation): boolean => {
      const subject = object ? decoded.original(object) : resource;
      const unknowns = (subject && unknownPaths?.get(subject)) ?? [];
      return rule === engineRules.ruleFailed.id || !overlapsUnknown(path, unknowns);
    };
    // In the order of the input, so that sources in the same file are located one after the other.
    const found = decoded
      .sort(violations.filter(isKnown))
      .map((violation) => ({ violation, finding: this.finding(violation, decoded, waivers) }));
    return withoutRefused(found);
  }

  private finding(violation: RuleViolation, decoded: DecodedObjects, waivers: WaiverUse): Finding {
    const { rule, cluster, object, resource, drill, path, message } = violation;
    const { locator = {} } = this.options;
    const metadata = this.metadata(rule);
    const name = object && objectName(object);
    const waiver = waivers.find({ rule, ...(cluster !== undefined && { cluster }), ...(name && { object: name }) });
    const source = object || resource ? undefined : locator.fleet?.(path);
    return {
      rule,
      // Rules that are off are not evaluated.
      severity: this.severityOf(metadata) as Severity,
      message,
      remedy: metadata.remedy,
      ...(cluster !== undefined && { cluster }),
      ...(name && { object: name }),
      ...(resource && { resource: { type: resource.type, name: resource.name } }),
      ...(drill !== undefined && { drill }),
      path,
      ...(object && locator.object?.(decoded.original(object), path)),
      ...(resource && locator.resource?.(resource, path)),
      ...(source && { source }),
      ...(waiver && { waived: { reason: waiver.reason, expires: waiver.expires } }),
    };
  }

  private unreadableFindings({ unreadable = [] }: Subjects): Finding[] {
    const { id: rule, remedy } = engineRules.manifestUnreadable;
    const severity = this.severityOf(engineRules.manifestUnreadable);
    if (severity === "off") return [];
    return unreadable.map(({ file, line = 1, column, message }) => {
      const source = { file, line, ...(column !== undefined && { column }) };
      return { rule, severity, message, remedy, path: "", source };
    });
  }

  private waiverFindings(evaluated: readonly Rule[], { clusters }: Subjects, waivers: WaiverUse): Finding[] {
    const { locator = {}, unusedWaivers = true } = this.options;
    return waivers.findings(evaluated, clusters, unusedWaivers).flatMap(({ rule, index, message }) => {
      const metadata = this.metadata(rule);
      const severity = this.severityOf(metadata);
      if (severity === "off") return [];
      const path = `waivers[${index}]`;
      const source = locator.policy?.(path);
      return [{ rule, severity, message, remedy: metadata.remedy, path, ...(source && { source }) }];
    });
  }

  private metadata(rule: string): RuleMetadata {
    return this.metadataById.get(rule)!;
  }
}

/** Drops the findings of other rules about objects that the API server rejects, unless the rejection is waived or no error. */
function withoutRefused(all: readonly { readonly violation: RuleViolation; readonly finding: Finding }[]): Finding[] {
  const refused = new Set(
    all
      .filter(({ violation, finding }) => violation.refused && finding.severity === "error" && !finding.waived)
      .map(({ violation }) => violation.object),
  );
  return all
    .filter(({ violation: { rule, object } }) => rule === SCHEMA_RULE || object === undefined || !refused.has(object))
    .map(({ finding }) => finding);
}

/** How objects were checked against the schema, by minor version of Kubernetes. */
function schemaChecks({ clusters }: Subjects, validator: Validator | undefined): PolicyReport["schema"] {
  const minors = new Set(clusters.flatMap(({ kubernetesVersion }) => minorOf(kubernetesVersion) ?? []));
  return [...minors].sort().map((kubernetes) => ({
    kubernetes,
    by: validator?.supports(kubernetes) ? ("api-server" as const) : ("openapi" as const),
  }));
}

/**
 * Returns the rules that have a subject here, or those of them that `only` selects.
 *
 * @throws RangeError when `only` contains an unknown rule or a rule that has no subject here
 */
function selectRules(
  all: readonly Rule[],
  { fleet, resources, drills }: Subjects,
  only: readonly string[] | undefined,
): Rule[] {
  const applicable = all.filter(
    ({ subject }) =>
      (subject !== "resource" || resources !== undefined) &&
      (subject !== "fleet" || fleet !== undefined) &&
      (subject !== "drill" || drills !== undefined),
  );
  if (!only) return applicable;
  const problems = only
    .filter((id) => !applicable.some((rule) => rule.id === id))
    .map((id) => {
      const subject = all.find((rule) => rule.id === id)?.subject;
      const ids = applicable.map((rule) => rule.id);
      return `rule: ${subject ? `got ${formatValue(id)}, which ${MISSING_SUBJECT[subject] ?? ""}` : describeUnknown("rule", id, ids)}`;
    });
  if (problems.length > 0) throw new RangeError(problems.join("\n"));
  return applicable.filter(({ id }) => only.includes(id));
}

const MISSING_SUBJECT: Readonly<Partial<Record<Rule["subject"], string>>> = {
  resource: "checks cloud resources: it is evaluated in a plan only",
  fleet: "checks a fleet: no fleet is evaluated here",
  drill: "checks simulated losses: it is evaluated by skerry preview only",
};

function objectName(object: KubeObject): ObjectName {
  const { apiVersion, kind, metadata } = object;
  const { namespace } = metadata;
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name: nameOf(object) };
}

/** Formats numbers so that text comparison sorts them as numbers: `containers[2]` before `containers[10]`. */
const padNumbers = (path: string): string => path.replace(/\d+/g, (digits) => digits.padStart(10, "0"));

const sortKey = ({ cluster = "", object, resource, rule, drill = "", path, message, source }: Finding): string =>
  [
    cluster,
    ...(object ? [object.kind, object.namespace ?? "", object.name, object.apiVersion] : ["", "", "", ""]),
    ...(resource ? [resource.type, resource.name] : []),
    rule,
    padNumbers(path),
    drill,
    // Findings about files differ in their source only.
    ...(object || !source ? [] : [source.file, padNumbers(String(source.line))]),
    message,
  ].join("\0");

/** Sorts findings by cluster, object, rule and path. */
function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings
    .map((finding) => ({ finding, key: sortKey(finding) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ finding }) => finding);
}

function countFindings(findings: readonly Finding[]): PolicyReport["counts"] {
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity && finding.waived === undefined).length;
  return {
    error: count("error"),
    warning: count("warning"),
    info: count("info"),
    waived: findings.filter(({ waived }) => waived !== undefined).length,
  };
}
