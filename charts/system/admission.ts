import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";

import { admissionPolicies, type AdmissionOptions } from "../../policies/admission/policies";
import type { Rule } from "../../policies/engine/rule";
import { rules as brought } from "../../policies/rules/index";
import { OWNED } from "./namespaces";

/** The first minor version of Kubernetes 1 that has `ValidatingAdmissionPolicy` without being asked to. */
const SINCE_MINOR = 30;

/** What the API server of a cluster is told of the rules. */
export interface AdmissionProps extends AdmissionOptions {
  /** `major.minor.patch`; before 1.30 nothing is rendered. */
  readonly kubernetesVersion: string;
  /** @default those that Skerry brings */
  readonly rules?: readonly Rule[];
}

/** Lets the API server hold whatever is applied, by whomever, to the rules. */
export class AdmissionChart extends Chart {
  constructor(scope: Construct, id: string, { kubernetesVersion, rules = brought, ...options }: AdmissionProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    if (Number(kubernetesVersion.split(".")[1]) < SINCE_MINOR) return;
    for (const { metadata, ...object } of admissionPolicies(rules, options)) {
      new ApiObject(this, `${object.kind}-${metadata.name}`, { ...object, metadata: { ...metadata } });
    }
  }
}
