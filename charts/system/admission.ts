import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";

import { admissionPolicies, type AdmissionOptions } from "../../policies/admission/policies";
import type { Rule } from "../../policies/engine/rule";
import { rules as builtInRules } from "../../policies/rules/index";
import { OWNED } from "./namespaces";

/** The first minor version of Kubernetes 1 that enables `ValidatingAdmissionPolicy` by default. */
const SINCE_MINOR = 30;

/** Props of {@link AdmissionChart}. */
export interface AdmissionProps extends AdmissionOptions {
  /** Kubernetes version, `major.minor.patch`. Nothing is rendered before 1.30. */
  readonly kubernetesVersion: string;
  /** Rules to enforce. @default Skerry's built-in rules */
  readonly rules?: readonly Rule[];
}

/** Renders the rules as `ValidatingAdmissionPolicy` objects, which the API server enforces for every client. */
export class AdmissionChart extends Chart {
  constructor(scope: Construct, id: string, { kubernetesVersion, rules = builtInRules, ...options }: AdmissionProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    if (Number(kubernetesVersion.split(".")[1]) < SINCE_MINOR) return;
    for (const { metadata, ...object } of admissionPolicies(rules, options)) {
      new ApiObject(this, `${object.kind}-${metadata.name}`, { ...object, metadata: { ...metadata } });
    }
  }
}
