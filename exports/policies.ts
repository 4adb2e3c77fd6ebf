/**
 * Rules over Kubernetes objects, clusters, fleets and cloud resources, and what a team states about them.
 *
 * @packageDocumentation
 */
export type { EnforcedPolicy } from "../policies/admission/enforced-policy";
export { admissionPolicies, type AdmissionOptions } from "../policies/admission/policies";
export { PolicyError } from "../policies/engine/check-policy";
export type { ClusterSubject } from "../policies/engine/cluster-subject";
export {
  evaluate,
  type EvaluateOptions,
  type SourceLocator,
  type Subjects,
  type UnreadableManifest,
} from "../policies/engine/evaluate";
export { definePolicy, type Policy, type Waiver } from "../policies/engine/policy";
export type { Finding, ObjectName, PolicyReport, SkippedManifest, SourcePlace } from "../policies/engine/report";
export type {
  Admission,
  AdmissionResources,
  CloudResource,
  ClusterRule,
  ClusterContents,
  FleetRule,
  NamedExpression,
  ObjectRule,
  ObjectViolation,
  ResourceRule,
  Rule,
  Severity,
  Violation,
} from "../policies/engine/rule";
export { type At, containersOf, podOf } from "../policies/kubernetes/pods";
export { rules } from "../policies/rules";
export { type Cause, Validator, type Verdict, type Verdicts } from "../policies/schema/validator";
