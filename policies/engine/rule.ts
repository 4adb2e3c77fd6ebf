import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import type { Validator } from "../schema/validator";

/** An error stops whoever asked; a warning and an information are told. */
export type Severity = "error" | "warning" | "info";

/** One place where a rule does not hold. */
export interface Violation {
  /** Where in what was looked at: `spec.template.spec.containers[0].image`. Empty: the whole. */
  readonly path: string;
  /** What was got and what is allowed; never the value of a secret. */
  readonly message: string;
  /**
   * True where the API server refuses the object's values, so that what other rules make of them means nothing: their
   * findings about the object are withheld.
   *
   * @default false
   */
  readonly refused?: boolean;
}

/** A violation by one of several objects. */
export interface ObjectViolation extends Violation {
  readonly object: KubeObject;
  /** Further objects of which the same is true, so that it is told once. @default [] */
  readonly alike?: readonly KubeObject[];
}

interface Statement {
  /** Kebab-case and stable: waivers, severities and reports name it. */
  readonly id: string;
  /** What holds where the rule is kept, in one sentence. */
  readonly title: string;
  /** What goes wrong where it is not. */
  readonly why: string;
  /** Where an environment states no other. */
  readonly severity: Severity;
  /** What to do about a violation. */
  readonly remedy: string;
}

interface AdmittedStatement extends Statement {
  /** The same rule for the API server; absent where CEL cannot express it. */
  readonly admission?: Admission;
  /** Why there is none. */
  readonly noAdmission?: string;
}

/** Looks at one object and at nothing else, so that it holds in a test, in the plan and at admission alike. */
export interface ObjectRule extends AdmittedStatement {
  readonly subject: "object";
  check(object: KubeObject): readonly Violation[];
}

/** What runs in one cluster. Its nodes are the `FleetNodePool` objects among the objects; without any, nodes are not known. */
export interface ClusterContents {
  /** `major.minor.patch`. */
  readonly kubernetesVersion: string;
  readonly objects: readonly KubeObject[];
  /** Knows the API server's verdicts. @default objects are checked against Kubernetes' OpenAPI schema alone */
  readonly validator?: Validator;
}

/**
 * Looks at all objects of a cluster together. Its `admission` states what one object alone shows, and must refuse nothing
 * that the other objects may make right.
 */
export interface ClusterRule extends AdmittedStatement {
  readonly subject: "cluster";
  check(contents: ClusterContents): readonly ObjectViolation[];
}

/** Looks at what a fleet states; paths lead into the fleet. */
export interface FleetRule extends Statement {
  readonly subject: "fleet";
  check(fleet: Fleet): readonly Violation[];
}

/** A resource of a cloud, as Pulumi plans it. Values that are not known yet are absent. */
export interface CloudResource {
  /** Pulumi's type token: `aws:ec2/instance:Instance`. */
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** Looks at one cloud resource of a plan. */
export interface ResourceRule extends Statement {
  readonly subject: "resource";
  /** Type tokens it looks at. */
  readonly types: readonly string[];
  check(resource: CloudResource): readonly Violation[];
}

export type Rule = ObjectRule | ClusterRule | FleetRule | ResourceRule;

/** A rule that has a form for the API server. */
export type AdmittedRule = (ObjectRule | ClusterRule) & { readonly admission: Admission };

export function isAdmitted(rule: Rule): rule is AdmittedRule {
  return (rule.subject === "object" || rule.subject === "cluster") && rule.admission !== undefined;
}

/** An expression that others use as `variables.<name>`. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** A rule in the API server's language (CEL), as a `ValidatingAdmissionPolicy` states it. */
export interface Admission {
  /**
   * What is looked at. Expressions about pods may use `variables.pod` (the pod's spec), `variables.podMetadata`,
   * `variables.containers` (all) and `variables.started` (all but the ephemeral ones).
   *
   * @default pods and every kind with a pod template
   */
  readonly resources?: readonly AdmissionResources[];
  /** Kinds that are looked at, among those of `resources`. @default all of them */
  readonly kinds?: readonly string[];
  /**
   * Named expressions, in the order in which they are worked out. Rules with equal resources and severity share a policy:
   * a name means the same in all of them.
   *
   * @default []
   */
  readonly variables?: readonly NamedExpression[];
  readonly validations: readonly {
    /** True where the rule is kept. */
    readonly expression: string;
    /** What the client is told; the rule's id goes before it and the remedy after it. */
    readonly message: string;
  }[];
}

/** Resources by their API group, version and plural name. */
export interface AdmissionResources {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
}
