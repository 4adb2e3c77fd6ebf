/**
 * Rules on Kubernetes objects, clusters, fleets and cloud resources, and the policy that a team applies to them.
 *
 * @packageDocumentation
 */
export type { EnforcedPolicy } from "../policies/admission/enforced-policy";
export { admissionPolicies, type AdmissionOptions } from "../policies/admission/policies";
export { PolicyError } from "../policies/engine/validate-policy";
export type { ClusterSubject, Subjects, UnreadableManifest } from "../policies/engine/subjects";
export { evaluate, type EvaluateOptions } from "../policies/engine/evaluate";
export { definePolicy, type Policy, type Waiver } from "../policies/engine/policy";
export type {
  Finding,
  ObjectName,
  PolicyReport,
  SkippedManifest,
  SourceLocator,
  SourcePlace,
} from "../policies/engine/report";
export type {
  Admission,
  AdmissionResources,
  CloudResource,
  BrokenIntent,
  ClusterRule,
  DrillRule,
  DrillViolation,
  CheckContext,
  ClusterContents,
  FleetRule,
  NamedExpression,
  ObjectRule,
  ObjectViolation,
  ResourceRule,
  Rule,
  RuleMetadata,
  Severity,
  Violation,
} from "../policies/engine/rule";
export { type At, containersOf, podOf } from "../fleet/kubernetes/containers";
export { rules } from "../policies/rules";
export { type Cause, Validator, type Verdict, type Verdicts } from "../policies/schema/validator";
