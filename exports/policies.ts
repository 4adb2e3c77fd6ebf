/**
 * Rules over Kubernetes objects, clusters, fleets and cloud resources, and what a team states about them.
 *
 * @packageDocumentation
 */
export type { HeldPolicy } from "../policies/admission/held";
export { admissionPolicies, type AdmissionOptions } from "../policies/admission/policies";
export { PolicyError } from "../policies/check-policy";
export {
  type ClusterSubject,
  evaluate,
  type Judging,
  type Places,
  type Subjects,
  type UnreadableManifest,
} from "../policies/engine";
export { definePolicy, type Policy, type Waiver } from "../policies/policy";
export type { Finding, ObjectName, PolicyReport, SkippedManifest, SourcePlace } from "../policies/report";
export type {
  Admission,
  AdmissionResources,
  CloudResource,
  ClusterRule,
  Contents,
  FleetRule,
  NamedExpression,
  ObjectRule,
  ObjectViolation,
  ResourceRule,
  Rule,
  Severity,
  Violation,
} from "../policies/rule";
export { type At, containersOf, podOf } from "../policies/pods";
export { rules } from "../policies/rules";
export { type Cause, Validator, type Verdict, type Verdicts } from "../policies/schema/validator";
