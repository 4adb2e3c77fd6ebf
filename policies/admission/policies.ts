import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Admission, ObjectRule, Rule, Severity } from "../rule";
import { POD_RESOURCES } from "./resources";

const API = "admissionregistration.k8s.io/v1";

/** Namespaces of the cluster's own programs, which need what the rules refuse. */
export const EXEMPT_NAMESPACES = ["kube-system", "kube-public", "kube-node-lease"] as const;

/** What the API server does with a violation. `Audit` leaves a note in its audit log. */
const ACTIONS: Readonly<Record<Severity, readonly string[]>> = {
  error: ["Deny", "Audit"],
  warning: ["Warn", "Audit"],
  info: ["Audit"],
};

type Admitted = ObjectRule & { readonly admission: Admission };

/** Where an object keeps its pods' template (`metadata` and `spec`); without types, for an expression sees many kinds. */
const templateIn = (object: string): string =>
  `(${object}.kind == "Pod" ? dyn(${object}) : ${object}.kind == "CronJob" ` +
  `? dyn(${object}).spec.jobTemplate.spec.template : dyn(${object}).spec.template)`;

/** What the rules look at in an object: an update that leaves it alone is nobody's violation. */
const judgedIn = (object: string): string =>
  `(has(${object}.spec) ? [${templateIn(object)}.spec] : ` +
  `[dyn(${object}).?data.orValue({}), dyn(${object}).?binaryData.orValue({})])`;

/** What every expression may use; worked out where it is used. */
const VARIABLES = [
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

/** How rules are told to an API server. */
export interface AdmissionOptions {
  /** How bad it is to break each rule, by its id; `off` leaves a rule out. @default each rule's own */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
}

/** Name of a rule's policy, and of the binding that makes it hold. */
export const policyName = ({ id }: Pick<Rule, "id">): string => `skerry-${id}`;

/**
 * Rules for the API server, which then holds whatever is applied to them: a `ValidatingAdmissionPolicy` and its binding
 * for each rule that has a form in CEL, in the rules' order. Errors are refused, warnings are told to whoever applies.
 * From Kubernetes 1.30 on.
 */
export function admissionPolicies(rules: readonly Rule[], { severities = {} }: AdmissionOptions = {}): KubeObject[] {
  return rules
    .filter((rule): rule is Admitted => rule.subject === "object" && rule.admission !== undefined)
    .flatMap((rule) => {
      const severity = severities[rule.id] ?? rule.severity;
      return severity === "off" ? [] : [policyOf(rule), bindingOf(rule, severity)];
    });
}

function policyOf(rule: Admitted): KubeObject {
  const { resources = POD_RESOURCES, variables = [], validations } = rule.admission;
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: policyName(rule), annotations: { "skerry.dev/why": rule.why } },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: resources.map((each) => ({ ...each, operations: ["CREATE", "UPDATE"], scope: "Namespaced" })),
      },
      matchConditions: MATCH_CONDITIONS,
      variables: [...VARIABLES, ...variables],
      validations: validations.map(({ expression, message }) => ({
        expression,
        message: `${message} ${rule.remedy}`,
        reason: "Forbidden",
      })),
    },
  };
}

function bindingOf(rule: Admitted, severity: Severity): KubeObject {
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: policyName(rule) },
    spec: {
      policyName: policyName(rule),
      validationActions: ACTIONS[severity],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: [...EXEMPT_NAMESPACES] }],
        },
      },
    },
  };
}
