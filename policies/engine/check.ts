import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import type { ClusterSubject } from "./cluster-subject";
import { ownRules } from "./own-rules";
import type { ClusterRule, FleetRule, ObjectRule, ObjectViolation, Rule, Violation } from "./rule";
import type { Validator } from "../schema/validator";

/** What a rule said, before it is known how bad that is, and whether it is tolerated. */
export interface RawFinding extends Violation {
  /** The rule's id. */
  readonly rule: string;
  readonly cluster?: string;
  readonly object?: KubeObject;
}

/** The rule that holds objects against Kubernetes' own schema. */
export const SCHEMA_RULE = "matches-schema";

/** What a rule found, or why it could not look. */
type Outcome<V> = { readonly violations: readonly V[] } | { readonly failure: string };

/** What an error says. A parser's error quotes what it read, which may be a secret. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return "threw something that is no error";
  return error instanceof SyntaxError ? error.name : `${error.name}: ${error.message.split("\n")[0]}`;
}

function ask<V extends Violation>(check: () => readonly V[]): Outcome<V> {
  try {
    const violations: unknown = check();
    const sound =
      Array.isArray(violations) &&
      (violations as Partial<V>[]).every((each) => typeof each?.path === "string" && typeof each.message === "string");
    return sound ? { violations: violations as V[] } : { failure: "gave no list of violations with path and message" };
  } catch (error) {
    return { failure: failureText(error) };
  }
}

const failed = (rule: Rule, failure: string): Pick<RawFinding, "rule" | "path" | "message"> => ({
  rule: ownRules.ruleFailed.id,
  path: "",
  message: `rule ${rule.id} failed: ${failure}`,
});

/** What the rules about fleets find in one. */
export function checkFleetRules(rules: readonly Rule[], fleet: Fleet): RawFinding[] {
  return rules
    .filter((rule): rule is FleetRule => rule.subject === "fleet")
    .flatMap((rule) => {
      const outcome = ask(() => rule.check(fleet));
      if ("failure" in outcome) return [failed(rule, outcome.failure)];
      return outcome.violations.map(({ path, message }) => ({ rule: rule.id, path, message }));
    });
}

/** What the rules about objects and clusters find in one cluster. */
export function checkCluster(rules: readonly Rule[], subject: ClusterSubject, validator?: Validator): RawFinding[] {
  const clusterRules = rules.filter((rule): rule is ClusterRule => rule.subject === "cluster");
  const schema = clusterRules.filter(({ id }) => id === SCHEMA_RULE);
  const judging = new ClusterJudging(subject, validator);
  for (const rule of schema) judging.whole(rule);
  for (const rule of clusterRules) if (!schema.includes(rule)) judging.whole(rule);
  for (const rule of rules) if (rule.subject === "object") judging.each(rule);
  return judging.result();
}

/** A rule is asked once more for each of so many: for more it would take long. */
const MOST_SUSPECTS = 10;

class ClusterJudging {
  private readonly judged: RawFinding[] = [];
  private readonly objects: ReadonlySet<KubeObject>;
  /** With those that are known and not judged. The same list for every rule, so that what one finds in it can be kept. */
  private readonly all: readonly KubeObject[];
  /** Objects that are not what Kubernetes takes, with the rules that could not look at them for that reason. */
  private readonly malformed = new Map<KubeObject, string[]>();

  constructor(
    private readonly subject: ClusterSubject,
    private readonly validator: Validator | undefined,
  ) {
    this.objects = new Set(subject.objects);
    this.all = [...this.objects, ...(subject.context ?? [])];
  }

  each(rule: ObjectRule): void {
    for (const object of this.objects) {
      const outcome = ask(() => rule.check(object));
      if ("violations" in outcome) {
        for (const violation of outcome.violations) this.add(rule, object, violation);
        continue;
      }
      const blind = this.malformed.get(object);
      if (blind) blind.push(rule.id);
      else this.judged.push({ ...this.where(object), ...failed(rule, outcome.failure) });
    }
  }

  whole(rule: ClusterRule): void {
    const outcome = this.ask(rule, []);
    if ("violations" in outcome) return this.addAll(rule, outcome.violations);
    // One malformed object must not hide what is wrong with all others.
    const malformed = [...this.malformed.keys()];
    for (const blind of [this.culprits(rule, malformed), malformed]) {
      const retried = blind.length > 0 ? this.ask(rule, blind) : outcome;
      if ("failure" in retried) continue;
      for (const object of blind) this.malformed.get(object)!.push(rule.id);
      return this.addAll(rule, retried.violations);
    }
    this.judged.push({ ...this.where(), ...failed(rule, outcome.failure) });
  }

  /** The malformed objects that make a rule fail, each by itself; not looked for among many. */
  private culprits(rule: ClusterRule, malformed: readonly KubeObject[]): KubeObject[] {
    if (malformed.length > MOST_SUSPECTS) return [];
    return malformed.filter(
      (object) =>
        "failure" in
        this.ask(
          rule,
          malformed.filter((other) => other !== object),
        ),
    );
  }

  /** A finding about a malformed object also names the rules that could not look at it: once, at the first one. */
  result(): RawFinding[] {
    const said = new Set<KubeObject>();
    return this.judged.map((each) => {
      const blind = each.object && each.rule === SCHEMA_RULE ? this.malformed.get(each.object) : undefined;
      if (!blind?.length || said.has(each.object!)) return each;
      said.add(each.object!);
      return {
        ...each,
        message: `${each.message}; so malformed that ${[...new Set(blind)].join(", ")} could not look at it`,
      };
    });
  }

  private ask(rule: ClusterRule, without: readonly KubeObject[]): Outcome<ObjectViolation> {
    const out = new Set(without);
    const left = without.length === 0 ? this.all : this.all.filter((object) => !out.has(object));
    const { kubernetesVersion } = this.subject;
    const { validator } = this;
    const outcome = ask(() => rule.check({ kubernetesVersion, objects: left, ...(validator && { validator }) }));
    if ("failure" in outcome || outcome.violations.length === 0) return outcome;
    const given = new Set(left);
    return outcome.violations.every(({ object }) => given.has(object))
      ? outcome
      : { failure: "found something about an object that it was not given" };
  }

  private addAll(rule: ClusterRule, violations: readonly ObjectViolation[]): void {
    for (const violation of violations)
      if (this.objects.has(violation.object)) this.add(rule, violation.object, violation, violation.alike);
  }

  private add(
    rule: Rule,
    object: KubeObject,
    { path, message, refused }: Violation,
    alike: readonly KubeObject[] = [],
  ): void {
    if (rule.id === SCHEMA_RULE && !this.malformed.has(object)) {
      const blind: string[] = [];
      for (const each of [object, ...alike]) this.malformed.set(each, blind);
    }
    this.judged.push({ ...this.where(object), rule: rule.id, path, message, ...(refused && { refused }) });
  }

  private where(object?: KubeObject): Pick<RawFinding, "cluster" | "object"> {
    const { name } = this.subject;
    return { ...(name !== undefined && { cluster: name }), ...(object && { object }) };
  }
}
