import type { KubeObject } from "../../fleet/kubernetes/object";
import { type AdmittedRule, isAdmitted, type NamedExpression, type Rule, type Severity } from "../engine/rule";
import { rules as builtIn } from "../rules";
import { quotedList } from "./cel";
import { groupRules, collectVariables, type RuleGroup } from "./groups";

const API = "admissionregistration.k8s.io/v1";

/** Namespaces of system components, which need privileges that the rules forbid. */
const EXEMPT_NAMESPACES = ["kube-system", "kube-public", "kube-node-lease"] as const;

/** Validation actions by severity. `Audit` adds an annotation to the audit log. */
const ACTIONS: Readonly<Record<Severity, readonly string[]>> = {
  error: ["Deny", "Audit"],
  warning: ["Warn", "Audit"],
  info: ["Audit"],
};

/** Renders the pod template of an object (`metadata` and `spec`). Untyped, because an expression applies to several kinds. */
const templateOf = (object: string): string =>
  `(${object}.kind == "Pod" ? dyn(${object}) : ${object}.kind == "CronJob" ` +
  `? dyn(${object}).spec.jobTemplate.spec.template : dyn(${object}).spec.template)`;

/** Renders the parts of an object that the rules check. Updates of other parts are not validated. */
const checkedPartsOf = (object: string): string =>
  `(has(${object}.spec) ? [${templateOf(object)}.spec] : ` +
  `[dyn(${object}).?data.orValue({}), dyn(${object}).?binaryData.orValue({})])`;

/** Variables that every expression may use. The API server evaluates them lazily. */
const VARIABLES: readonly NamedExpression[] = [
  { name: "podMetadata", expression: `${templateOf("object")}.metadata` },
  { name: "pod", expression: `${templateOf("object")}.spec` },
  {
    name: "started",
    expression: "variables.pod.?initContainers.orValue([]) + variables.pod.?containers.orValue([])",
  },
  { name: "containers", expression: "variables.started + variables.pod.?ephemeralContainers.orValue([])" },
];

/** Exempts deletions and unrelated updates of objects that are older than the rules. */
const MATCH_CONDITIONS = [
  { name: "exclude-deletions", expression: "!has(object.metadata.deletionTimestamp)" },
  {
    name: "exclude-unrelated-updates",
    expression: `request.operation == "CREATE" || ${checkedPartsOf("object")} != ${checkedPartsOf("oldObject")}`,
  },
];

/** Options of `admissionPolicies`. */
export interface AdmissionOptions {
  /** Severities by rule id; `off` disables a rule. @default each rule's default severity */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
  /** Namespaces of programs that need privileges which the rules forbid, in addition to those of Kubernetes. @default [] */
  readonly exemptNamespaces?: readonly string[];
}

/**
 * Renders rules as `ValidatingAdmissionPolicy` objects and their bindings, so that the API server checks every object that
 * is applied. Requires Kubernetes 1.30.
 *
 * Rules with equal resources and severity share a policy, and each message starts with the id of its rule. The API server
 * rejects errors and returns warnings to the client. Custom rules have separate policies. An expression that the API server
 * rejects, or that exceeds the cost budget of its policy, therefore does not affect Skerry's rules.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 * @throws Error if two rules of one policy define a variable differently
 */
export function admissionPolicies(
  rules: readonly Rule[],
  { severities = {}, exemptNamespaces = [] }: AdmissionOptions = {},
): KubeObject[] {
  const admitted = rules.filter(isAdmitted);
  const severityOf = ({ id, severity }: AdmittedRule): Severity | "off" => severities[id] ?? severity;
  const isBuiltIn = (rule: AdmittedRule): boolean => builtIn.includes(rule);
  return [
    { prefix: "skerry", members: admitted.filter(isBuiltIn) },
    { prefix: "skerry-own", members: admitted.filter((rule) => !isBuiltIn(rule)) },
  ].flatMap(({ prefix, members }) =>
    groupRules(members, severityOf).flatMap((group) => {
      const name = `${prefix}-${group.name}`;
      return [policyOf(name, group), bindingOf(name, group, [...EXEMPT_NAMESPACES, ...exemptNamespaces])];
    }),
  );
}

function policyOf(name: string, group: RuleGroup): KubeObject {
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, annotations: { "skerry.dev/rules": group.rules.map(({ id }) => id).join(",") } },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: group.resources.map((each) => ({
          ...each,
          operations: ["CREATE", "UPDATE"],
          scope: "Namespaced",
        })),
      },
      matchConditions: MATCH_CONDITIONS,
      variables: collectVariables(group, VARIABLES),
      validations: group.rules.flatMap(validationsOf),
    },
  };
}

function validationsOf({ id, remedy, admission: { kinds, validations } }: AdmittedRule): object[] {
  return validations.map(({ expression, message }) => ({
    expression: kinds ? `!(object.kind in ${quotedList(kinds)}) || (${expression})` : expression,
    message: `${id}: ${message} ${remedy}`,
    reason: "Forbidden",
  }));
}

function bindingOf(name: string, { severity }: RuleGroup, exempt: readonly string[]): KubeObject {
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ACTIONS[severity],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: [...exempt] }],
        },
      },
    },
  };
}
