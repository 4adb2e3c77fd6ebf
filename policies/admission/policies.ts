import type { KubeObject } from "../../fleet/kubernetes/object";
import { type AdmittedRule, isAdmitted, type NamedExpression, type Rule, type Severity } from "../engine/rule";
import { rules as brought } from "../rules";
import { quotedList } from "./cel";
import { groupRules, groupVariables, type RuleGroup } from "./groups";

const API = "admissionregistration.k8s.io/v1";

/** Namespaces of the cluster's own programs, which need what the rules refuse. */
export const EXEMPT_NAMESPACES = ["kube-system", "kube-public", "kube-node-lease"] as const;

/** What the API server does with a violation. `Audit` leaves a note in its audit log. */
const ACTIONS: Readonly<Record<Severity, readonly string[]>> = {
  error: ["Deny", "Audit"],
  warning: ["Warn", "Audit"],
  info: ["Audit"],
};

/** Where an object keeps its pods' template (`metadata` and `spec`); without types, for an expression sees many kinds. */
const templateIn = (object: string): string =>
  `(${object}.kind == "Pod" ? dyn(${object}) : ${object}.kind == "CronJob" ` +
  `? dyn(${object}).spec.jobTemplate.spec.template : dyn(${object}).spec.template)`;

/** What the rules look at in an object: an update that leaves it alone is nobody's violation. */
const judgedIn = (object: string): string =>
  `(has(${object}.spec) ? [${templateIn(object)}.spec] : ` +
  `[dyn(${object}).?data.orValue({}), dyn(${object}).?binaryData.orValue({})])`;

/** What every expression may use; worked out where it is used. */
const VARIABLES: readonly NamedExpression[] = [
  { name: "podMetadata", expression: `${templateIn("object")}.metadata` },
  { name: "pod", expression: `${templateIn("object")}.spec` },
  {
    name: "started",
    expression: "variables.pod.?initContainers.orValue([]) + variables.pod.?containers.orValue([])",
  },
  { name: "containers", expression: "variables.started + variables.pod.?ephemeralContainers.orValue([])" },
];

/** Leaves out what must go on in a cluster that held objects before it had rules. */
const MATCH_CONDITIONS = [
  { name: "stays", expression: "!has(object.metadata.deletionTimestamp)" },
  {
    name: "changes",
    expression: `request.operation == "CREATE" || ${judgedIn("object")} != ${judgedIn("oldObject")}`,
  },
];

/** How rules are stated to an API server. */
export interface AdmissionOptions {
  /** The severity of each rule, by its id; `off` leaves a rule out. @default each rule's own */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
}

/**
 * Rules as policies of the API server, which then checks every object that is applied. Rules that look at the same
 * resources and have the same severity share a `ValidatingAdmissionPolicy` and its binding; each message starts with the
 * id of its rule. Errors are refused, warnings are shown to the client. A team's own rules have policies of their own, so
 * that an expression the API server refuses, or one that exceeds the cost budget of its policy, leaves Skerry's rules
 * alone. Requires Kubernetes 1.30.
 *
 * @throws Error when two rules of one policy define a variable differently
 */
export function admissionPolicies(rules: readonly Rule[], { severities = {} }: AdmissionOptions = {}): KubeObject[] {
  const admitted = rules.filter(isAdmitted);
  const severityOf = ({ id, severity }: AdmittedRule): Severity | "off" => severities[id] ?? severity;
  const isBrought = (rule: AdmittedRule): boolean => brought.includes(rule);
  return [
    { prefix: "skerry", members: admitted.filter(isBrought) },
    { prefix: "skerry-own", members: admitted.filter((rule) => !isBrought(rule)) },
  ].flatMap(({ prefix, members }) =>
    groupRules(members, severityOf).flatMap((group) => {
      const name = `${prefix}-${group.name}`;
      return [policyOf(name, group), bindingOf(name, group)];
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
      variables: groupVariables(group, VARIABLES),
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

function bindingOf(name: string, { severity }: RuleGroup): KubeObject {
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ACTIONS[severity],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: [...EXEMPT_NAMESPACES] }],
        },
      },
    },
  };
}
