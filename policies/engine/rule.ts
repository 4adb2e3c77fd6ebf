import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import type { Validator } from "../schema/validator";

/** Errors fail the check; warnings and informational findings are only reported. */
export type Severity = "error" | "warning" | "info";

/** A violation of a rule at one path. */
export interface Violation {
  /** Path in the rule's subject: `spec.template.spec.containers[0].image`. Empty for the subject as a whole. */
  readonly path: string;
  /** The value found and what is allowed. Must not contain the value of a secret. */
  readonly message: string;
  /**
   * Whether the API server would reject the object for this value. The findings of other rules about such an object would
   * be misleading, and are dropped.
   *
   * @default false
   */
  readonly refused?: boolean;
}

/** A violation in one of several objects. */
export interface ObjectViolation extends Violation {
  readonly object: KubeObject;
  /** Further objects with the same violation; it is reported for `object` only. @default [] */
  readonly similarObjects?: readonly KubeObject[];
}

/** The part of a rule that describes it. */
export interface RuleMetadata {
  /** Stable identifier in kebab case; waivers, severities and reports refer to it. */
  readonly id: string;
  /** One sentence that is true when the rule is kept, without a full stop. */
  readonly title: string;
  /** What goes wrong when the rule is violated. */
  readonly why: string;
  /** Used unless the policy sets another severity. */
  readonly severity: Severity;
  /** How to fix a violation. */
  readonly remedy: string;
}

/** What a rule may need to know beside the object that it checks. */
export interface CheckContext {
  /** The date of the evaluation, `2026-11-24`. */
  readonly today: string;
}

interface AdmissibleMetadata extends RuleMetadata {
  /** The rule as the API server enforces it. @default the rule is not enforced at admission */
  readonly admission?: Admission;
  /** Why the rule has no `admission`. */
  readonly noAdmission?: string;
}

/** Checks one object on its own, so that it gives the same result in tests, in the plan and at admission. */
export interface ObjectRule extends AdmissibleMetadata {
  readonly subject: "object";
  check(object: KubeObject, context: CheckContext): readonly Violation[];
}

/**
 * The objects of one cluster. The `FleetNodePool` objects among them describe its nodes; without any, the nodes are
 * unknown.
 */
export interface ClusterContents {
  /** `major.minor.patch`. */
  readonly kubernetesVersion: string;
  readonly objects: readonly KubeObject[];
  /** Runs the API server's validation. @default objects are checked against Kubernetes' OpenAPI schema only */
  readonly validator?: Validator;
}

/**
 * Checks all objects of a cluster together. Its `admission` sees one object only, and must not reject an object that other
 * objects of the cluster may make valid.
 */
export interface ClusterRule extends AdmissibleMetadata {
  readonly subject: "cluster";
  check(contents: ClusterContents): readonly ObjectViolation[];
}

/** Checks the fleet. Paths of violations refer to the fleet. */
export interface FleetRule extends RuleMetadata {
  readonly subject: "fleet";
  check(fleet: Fleet): readonly Violation[];
}

/** A cloud resource in a Pulumi plan. Values that are unknown during preview are absent. */
export interface CloudResource {
  /** Pulumi's type token: `aws:ec2/instance:Instance`. */
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** Checks one cloud resource of a plan. */
export interface ResourceRule extends RuleMetadata {
  readonly subject: "resource";
  /** Type tokens of the resources that the rule checks. */
  readonly types: readonly string[];
  check(resource: CloudResource): readonly Violation[];
}

/** An availability intent that a simulated loss breaks in one cluster. */
export interface BrokenIntent {
  /** The drill as on the command line: `region=tokyo`. */
  readonly drill: string;
  /** The object that states the intent, and the path of the statement in it. */
  readonly object: KubeObject;
  readonly path: string;
  /** What the intent requires, and what the loss leaves. */
  readonly message: string;
}

/** A violation of a rule by a simulated loss. */
export interface DrillViolation extends ObjectViolation {
  readonly drill: string;
}

/**
 * Checks what simulated losses break in one cluster. Only a preview simulates: `skerry policy`, tests and plans do not
 * evaluate the rule.
 */
export interface DrillRule extends RuleMetadata {
  readonly subject: "drill";
  check(broken: readonly BrokenIntent[]): readonly DrillViolation[];
}

export type Rule = ObjectRule | ClusterRule | FleetRule | ResourceRule | DrillRule;

/** A rule that the API server can enforce. */
export type AdmittedRule = (ObjectRule | ClusterRule) & { readonly admission: Admission };

export function isAdmitted(rule: Rule): rule is AdmittedRule {
  return (rule.subject === "object" || rule.subject === "cluster") && rule.admission !== undefined;
}

/** A CEL expression that other expressions refer to as `variables.<name>`. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** A rule in CEL, in the terms of a `ValidatingAdmissionPolicy`. */
export interface Admission {
  /**
   * The resources to match. Expressions on pods may use `variables.pod` (the pod's spec), `variables.podMetadata`,
   * `variables.containers` (all containers) and `variables.started` (all except ephemeral containers).
   *
   * @default pods and every kind with a pod template
   */
  readonly resources?: readonly AdmissionResources[];
  /** Kinds to match, among those of `resources`. @default all of them */
  readonly kinds?: readonly string[];
  /**
   * Named expressions, in order of evaluation. Rules with equal resources and severity share a policy, so a name must have
   * the same expression in all of them.
   *
   * @default []
   */
  readonly variables?: readonly NamedExpression[];
  readonly validations: readonly {
    /** True when the rule is kept. */
    readonly expression: string;
    /** Message to the client. The rule's id is added before it and the remedy after it. */
    readonly message: string;
  }[];
}

/** Resources by API group, version and plural name. */
export interface AdmissionResources {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
}
