import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import { formatValue, describeUnknown } from "../../fleet/problem";
import { checkedPolicy } from "./check-policy";
import { checkCluster, checkFleetRules, type RawFinding, SCHEMA_RULE } from "./check";
import { ownRules } from "./own-rules";
import type { Policy } from "./policy";
import type { ClusterSubject } from "./cluster-subject";
import { DecodedObjects } from "./decoded-objects";
import type { Finding, ObjectName, PolicyReport, SkippedManifest, SourcePlace } from "./report";
import type { Rule, Severity } from "./rule";
import type { Validator } from "../schema/validator";
import { minorOf } from "../schema/versions";
import { severityOf } from "./severities";
import { Tolerance } from "./tolerance";

/** What is judged. */
export interface Subjects {
  /** @default no rule about fleets is asked */
  readonly fleet?: Fleet;
  readonly clusters: readonly ClusterSubject[];
  /** What could not be read: findings of their own. @default [] */
  readonly unreadable?: readonly UnreadableManifest[];
  /** What was read and is no object: named in the report. @default [] */
  readonly skipped?: readonly SkippedManifest[];
}

/** Why a manifest, or a part of it, could not be read. */
export interface UnreadableManifest {
  readonly file: string;
  /** @default the whole file */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** Where findings are said to come from. */
export interface SourceLocator {
  /** The construct that made an object, and the line that states what lies at a path inside it. */
  object?(object: KubeObject, path: string): Pick<Finding, "construct" | "source">;
  /** The line that states what lies at a path of the fleet. */
  fleet?(path: string): SourcePlace | undefined;
  /** The same of the policy. */
  policy?(path: string): SourcePlace | undefined;
}

export interface EvaluateOptions {
  /** @default no rules beside those given, no waivers, each rule's own severity */
  readonly policy?: Policy;
  /** Whose severities hold. */
  readonly environment: string;
  /** The day on which waivers are judged, `2026-11-24`. */
  readonly today: string;
  /** Ids of the rules that are asked. @default all of them */
  readonly only?: readonly string[];
  /** Whether waivers that tolerate nothing are told: not where only a part is looked at. @default true */
  readonly unusedWaivers?: boolean;
  /** @default findings have no place */
  readonly places?: SourceLocator;
  /** Knows the API server's verdicts. @default objects are checked against Kubernetes' OpenAPI schema alone */
  readonly validator?: Validator;
}

/**
 * Asks every rule about every subject. Never throws for what is in an object: a rule that cannot look at one says so as a
 * finding. Equal input gives an equal report.
 *
 * @param rules those that Skerry brings; the policy's own are added
 * @throws PolicyError when the policy is malformed or speaks of rules that there are not, with every problem
 * @throws RangeError when `only` names a rule that there is not, or that has nothing to look at
 */
export function evaluate(rules: readonly Rule[], subjects: Subjects, judging: EvaluateOptions): PolicyReport {
  const { environment, today, places = {}, validator } = judging;
  const policy = checkedPolicy(judging.policy ?? {}, rules);
  const all = [...rules, ...(policy.rules ?? [])];
  const asked = askedRules(all, subjects, judging).filter((rule) => severityOf(rule, policy, environment) !== "off");
  const tolerated = new Tolerance(policy.waivers ?? [], today);

  const decoded = new DecodedObjects(subjects.clusters);
  const given = decoded.places(places);
  const judged = [
    ...(subjects.fleet ? checkFleetRules(asked, subjects.fleet) : []),
    ...decoded.clusters.flatMap((cluster) => checkCluster(asked, cluster, validator)),
  ];
  const statements = new Map([...asked, ...Object.values(ownRules)].map((rule) => [rule.id, rule]));
  const severity = (id: string): Severity | "off" =>
    id === ownRules.ruleFailed.id ? "error" : severityOf(statements.get(id)!, policy, environment);

  // In the order in which the objects were given: those of one file then come together, and its text is read once.
  const found = withoutRefused(
    decoded.inOrder(judged).map((each) => ({
      each,
      found: finding(each, statements.get(each.rule)!, severity(each.rule), tolerated, given),
    })),
  );
  const unreadable = unreadableFindings(subjects, severity(ownRules.manifestUnreadable.id));
  const told = tolerated
    .told(asked, subjects.clusters, judging.unusedWaivers ?? true)
    .flatMap(({ rule, index, message }) => {
      const level = severity(rule);
      if (level === "off") return [];
      const path = `waivers[${index}]`;
      const source = places.policy?.(path);
      const { remedy } = statements.get(rule)!;
      return [{ rule, severity: level, message, remedy, path, ...(source && { source }) }];
    });
  const findings = inOrder([...found, ...unreadable, ...told], orderOf);
  return {
    version: 1,
    environment,
    today,
    rules: [...asked, ...Object.values(ownRules).filter(({ id }) => findings.some(({ rule }) => rule === id))].map(
      ({ id, title, why, remedy }) => ({ id, title, why, remedy, severity: severity(id) as Severity }),
    ),
    skipped: subjects.skipped ?? [],
    objects: subjects.clusters.reduce((sum, { objects }) => sum + objects.length, 0),
    findings,
    counts: counted(findings),
    ...(asked.some(({ id }) => id === SCHEMA_RULE) && { schema: schemaChecks(subjects, validator) }),
  };
}

/** What the API server refuses is not what it seems to say: only why it is refused is told of it, unless that is tolerated. */
function withoutRefused(all: readonly { readonly each: RawFinding; readonly found: Finding }[]): Finding[] {
  const refused = new Set(
    all
      .filter(({ each, found }) => each.refused && found.severity === "error" && !found.waived)
      .map(({ each }) => each.object),
  );
  return all
    .filter(({ each }) => each.rule === SCHEMA_RULE || each.object === undefined || !refused.has(each.object))
    .map(({ found }) => found);
}

/** How objects were checked, by minor version of Kubernetes. */
function schemaChecks({ clusters }: Subjects, validator: Validator | undefined): PolicyReport["schema"] {
  const minors = new Set(clusters.flatMap(({ kubernetesVersion }) => minorOf(kubernetesVersion) ?? []));
  return [...minors].sort().map((kubernetes) => ({
    kubernetes,
    by: validator?.knows(kubernetes) ? ("api-server" as const) : ("openapi" as const),
  }));
}

/**
 * The rules that have something to look at here. What a plan alone knows is CrossGuard's.
 *
 * @throws RangeError when a name is no rule's, or one's of what is not here
 */
function askedRules(all: readonly Rule[], { fleet }: Subjects, { only }: EvaluateOptions): Rule[] {
  const offered = all.filter(({ subject }) => subject !== "resource" && (subject !== "fleet" || fleet !== undefined));
  if (!only) return offered;
  const problems = only
    .filter((id) => !offered.some((rule) => rule.id === id))
    .map((id) => {
      const elsewhere = all.find((rule) => rule.id === id)?.subject;
      const ids = offered.map((rule) => rule.id);
      const message = elsewhere
        ? `got ${formatValue(id)}, which ${ELSEWHERE[elsewhere] ?? ""}`
        : describeUnknown("rule", id, ids);
      return `rule: ${message}`;
    });
  if (problems.length > 0) throw new RangeError(problems.join("\n"));
  return offered.filter(({ id }) => only.includes(id));
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  resource: "looks at the cloud's resources, which only a plan knows",
  fleet: "looks at a whole fleet, and none is judged here",
};

function finding(
  { rule, cluster, object, path, message }: RawFinding,
  { remedy }: Pick<Rule, "remedy">,
  severity: Severity | "off",
  tolerated: Tolerance,
  places: SourceLocator,
): Finding {
  const named = object && reportedName(object);
  const waiver = tolerated.by({ rule, ...(cluster !== undefined && { cluster }), ...(named && { object: named }) });
  const source = object ? undefined : places.fleet?.(path);
  return {
    rule,
    // A rule that is off is not asked.
    severity: severity as Severity,
    message,
    remedy,
    ...(cluster !== undefined && { cluster }),
    ...(named && { object: named }),
    path,
    ...(object && places.object?.(object, path)),
    ...(source && { source }),
    ...(waiver && { waived: { reason: waiver.reason, expires: waiver.expires } }),
  };
}

function reportedName(object: KubeObject): ObjectName {
  const { apiVersion, kind, metadata } = object;
  const { namespace } = metadata;
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name: nameOf(object) };
}

function unreadableFindings({ unreadable = [] }: Subjects, severity: Severity | "off"): Finding[] {
  if (severity === "off") return [];
  const { id: rule, remedy } = ownRules.manifestUnreadable;
  return unreadable.map(({ file, line = 1, column, message }) => {
    const source = { file, line, ...(column !== undefined && { column }) };
    return { rule, severity, message, remedy, path: "", source };
  });
}

/** Numbers in a path count as numbers: `containers[2]` comes before `containers[10]`. */
const counting = (path: string): string => path.replace(/\d+/g, (digits) => digits.padStart(10, "0"));

const orderOf = ({ cluster = "", object, rule, path, message, source }: Finding): string =>
  [
    cluster,
    ...(object ? [object.kind, object.namespace ?? "", object.name, object.apiVersion] : ["", "", "", ""]),
    rule,
    counting(path),
    // Of what has no object and no path, files are what differs.
    ...(object || !source ? [] : [source.file, counting(String(source.line))]),
    message,
  ].join("\0");

/** By cluster, object, rule and path. */
function inOrder<T>(all: readonly T[], order: (each: T) => string): T[] {
  return all
    .map((each) => ({ each, key: order(each) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ each }) => each);
}

function counted(findings: readonly Finding[]): PolicyReport["counts"] {
  const of = (severity: Severity): number =>
    findings.filter((each) => each.severity === severity && each.waived === undefined).length;
  return {
    error: of("error"),
    warning: of("warning"),
    info: of("info"),
    waived: findings.filter(({ waived }) => waived !== undefined).length,
  };
}
