import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import { engineRules } from "./engine-rules";
import type {
  BrokenIntent,
  CheckContext,
  CloudResource,
  ClusterRule,
  DrillRule,
  FleetRule,
  ObjectRule,
  ObjectViolation,
  ResourceRule,
  Rule,
  Violation,
} from "./rule";
import type { ClusterSubject } from "./subjects";
import type { Validator } from "../schema/validator";

/** A violation with its rule and the object or resource it was found in, before severities and waivers are applied. */
export interface RuleViolation extends Violation {
  /** The rule's id. */
  readonly rule: string;
  readonly cluster?: string;
  readonly object?: KubeObject;
  readonly resource?: CloudResource;
  /** The simulated loss by which the rule is violated. */
  readonly drill?: string;
}

/** Id of the rule that checks objects against Kubernetes' schema. */
export const SCHEMA_RULE = "matches-schema";

/** The violations a rule found, or why it failed. */
type Outcome<V> = { readonly violations: readonly V[] } | { readonly failure: string };

/** Describes an error. The message of a syntax error is omitted: it quotes the text, which may be a secret. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return "threw a value that is not an Error";
  return error instanceof SyntaxError ? error.name : `${error.name}: ${error.message.split("\n")[0]}`;
}

/** Runs a rule's check. Never throws. */
function runCheck<V extends Violation>(check: () => readonly V[]): Outcome<V> {
  try {
    const violations: unknown = check();
    const isValid =
      Array.isArray(violations) &&
      (violations as Partial<V>[]).every((each) => typeof each?.path === "string" && typeof each.message === "string");
    return isValid
      ? { violations: violations as V[] }
      : { failure: "must return a list of violations with path and message" };
  } catch (error) {
    return { failure: failureText(error) };
  }
}

const failureViolation = (rule: Rule, failure: string): Pick<RuleViolation, "rule" | "path" | "message"> => ({
  rule: engineRules.ruleFailed.id,
  path: "",
  message: `rule ${rule.id} failed: ${failure}`,
});

/** Evaluates the rules on fleets. */
export function checkFleet(rules: readonly Rule[], fleet: Fleet): RuleViolation[] {
  return rules
    .filter((rule): rule is FleetRule => rule.subject === "fleet")
    .flatMap((rule) => {
      const outcome = runCheck(() => rule.check(fleet));
      if ("failure" in outcome) return [failureViolation(rule, outcome.failure)];
      return outcome.violations.map(({ path, message }) => ({ rule: rule.id, path, message }));
    });
}

/** Evaluates the rules on cloud resources of one type. */
export function checkResource(rules: readonly Rule[], resource: CloudResource): RuleViolation[] {
  return rules
    .filter((rule): rule is ResourceRule => rule.subject === "resource" && rule.types.includes(resource.type))
    .flatMap((rule) => {
      const outcome = runCheck(() => rule.check(resource));
      if ("failure" in outcome) return [{ ...failureViolation(rule, outcome.failure), resource }];
      return outcome.violations.map(({ path, message }) => ({ rule: rule.id, resource, path, message }));
    });
}

/** Evaluates the rules on what simulated losses break in one cluster. */
export function checkDrills(rules: readonly Rule[], cluster: string, broken: readonly BrokenIntent[]): RuleViolation[] {
  return rules
    .filter((rule): rule is DrillRule => rule.subject === "drill")
    .flatMap((rule) => {
      const outcome = runCheck(() => rule.check(broken));
      if ("failure" in outcome) return [{ ...failureViolation(rule, outcome.failure), cluster }];
      return outcome.violations.map(({ object, drill, path, message }) => ({
        ...{ rule: rule.id, cluster, object, drill, path, message },
      }));
    });
}

/** Evaluates the rules on objects and clusters. */
export function checkCluster(
  rules: readonly Rule[],
  subject: ClusterSubject,
  context: CheckContext,
  validator?: Validator,
): RuleViolation[] {
  const clusterRules = rules.filter((rule): rule is ClusterRule => rule.subject === "cluster");
  const isSchemaRule = ({ id }: Rule): boolean => id === SCHEMA_RULE;
  const check = new ClusterCheck(subject, context, validator);
  // The schema rule comes first: it tells which objects are malformed.
  for (const rule of clusterRules.filter(isSchemaRule)) check.checkObjectsTogether(rule);
  for (const rule of clusterRules) if (!isSchemaRule(rule)) check.checkObjectsTogether(rule);
  for (const rule of rules) if (rule.subject === "object") check.checkEachObject(rule);
  return check.result();
}

/** Up to this many malformed objects are tested one by one when a cluster rule fails; each test runs the rule again. */
const MAX_SUSPECTS = 10;

class ClusterCheck {
  private readonly violations: RuleViolation[] = [];
  private readonly objects: ReadonlySet<KubeObject>;
  /** The objects and their context: one list for all rules, so that rules can cache what they derive from it. */
  private readonly all: readonly KubeObject[];
  /** Malformed objects, each with the ids of the rules that failed on it. */
  private readonly malformed = new Map<KubeObject, string[]>();

  constructor(
    private readonly subject: ClusterSubject,
    private readonly context: CheckContext,
    private readonly validator: Validator | undefined,
  ) {
    this.objects = new Set(subject.objects);
    this.all = [...this.objects, ...(subject.context ?? [])];
  }

  checkEachObject(rule: ObjectRule): void {
    for (const object of this.objects) {
      const outcome = runCheck(() => rule.check(object, this.context));
      if ("violations" in outcome) {
        for (const violation of outcome.violations) this.add(rule, object, violation);
        continue;
      }
      const failedRules = this.malformed.get(object);
      if (failedRules) failedRules.push(rule.id);
      else this.violations.push({ ...this.location(object), ...failureViolation(rule, outcome.failure) });
    }
  }

  checkObjectsTogether(rule: ClusterRule): void {
    const outcome = this.runClusterCheck(rule, []);
    if ("violations" in outcome) return this.addAll(rule, outcome.violations);
    // A malformed object must not hide the violations of the other objects: retry without the malformed ones.
    const malformed = [...this.malformed.keys()];
    for (const excluded of [this.findCauses(rule, malformed), malformed]) {
      const retried = excluded.length > 0 ? this.runClusterCheck(rule, excluded) : outcome;
      if ("failure" in retried) continue;
      for (const object of excluded) this.malformed.get(object)!.push(rule.id);
      return this.addAll(rule, retried.violations);
    }
    this.violations.push({ ...this.location(), ...failureViolation(rule, outcome.failure) });
  }

  /** Returns the objects without which a rule does not fail; none when there are too many to test. */
  private findCauses(rule: ClusterRule, malformed: readonly KubeObject[]): KubeObject[] {
    if (malformed.length > MAX_SUSPECTS) return [];
    const failsWithout = (objects: readonly KubeObject[]): boolean => "failure" in this.runClusterCheck(rule, objects);
    return malformed.filter((object) => failsWithout(malformed.filter((other) => other !== object)));
  }

  /** Returns the violations. The first schema violation of a malformed object names the rules that failed on it. */
  result(): RuleViolation[] {
    const annotated = new Set<KubeObject>();
    return this.violations.map((violation) => {
      const { object, rule, message } = violation;
      const failedRules = object && rule === SCHEMA_RULE ? this.malformed.get(object) : undefined;
      if (!failedRules?.length || annotated.has(object!)) return violation;
      annotated.add(object!);
      const ids = [...new Set(failedRules)].join(", ");
      return { ...violation, message: `${message}; rules that cannot check this malformed object: ${ids}` };
    });
  }

  private runClusterCheck(rule: ClusterRule, excluded: readonly KubeObject[]): Outcome<ObjectViolation> {
    const excludedSet = new Set(excluded);
    const objects = excluded.length === 0 ? this.all : this.all.filter((object) => !excludedSet.has(object));
    const { kubernetesVersion } = this.subject;
    const { validator } = this;
    const outcome = runCheck(() => rule.check({ kubernetesVersion, objects, ...(validator && { validator }) }));
    if ("failure" in outcome || outcome.violations.length === 0) return outcome;
    const checked = new Set(objects);
    return outcome.violations.every(({ object }) => checked.has(object))
      ? outcome
      : { failure: "must only report objects that it was called with" };
  }

  private addAll(rule: ClusterRule, violations: readonly ObjectViolation[]): void {
    for (const violation of violations)
      if (this.objects.has(violation.object)) this.add(rule, violation.object, violation, violation.similarObjects);
  }

  private add(
    rule: Rule,
    object: KubeObject,
    { path, message, refused }: Violation,
    similarObjects: readonly KubeObject[] = [],
  ): void {
    if (rule.id === SCHEMA_RULE && !this.malformed.has(object)) {
      const failedRules: string[] = [];
      for (const each of [object, ...similarObjects]) this.malformed.set(each, failedRules);
    }
    this.violations.push({ ...this.location(object), rule: rule.id, path, message, ...(refused && { refused }) });
  }

  private location(object?: KubeObject): Pick<RuleViolation, "cluster" | "object"> {
    const { name } = this.subject;
    return { ...(name !== undefined && { cluster: name }), ...(object && { object }) };
  }
}
