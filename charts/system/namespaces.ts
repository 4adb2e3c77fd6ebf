import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { BUILT_IN_NAMESPACES } from "../../fleet/kubernetes/object";

/** Namespace of Skerry's own programs. */
export const SYSTEM_NAMESPACE = "skerry-system";

/** Labels on every object that Skerry renders. */
export const OWNED = {
  "app.kubernetes.io/managed-by": "skerry",
} as const;

/** Namespaces by the Pod Security level that applies to them. */
export interface NamespacesProps {
  /** Namespaces that only Skerry uses. They enforce the `restricted` level. */
  readonly restricted: readonly string[];
  /** Namespaces that may contain other objects. They only warn about pods that violate the `restricted` level. */
  readonly shared: readonly string[];
}

/** Renders the namespaces of the other charts, except those that exist in every cluster. */
export class NamespacesChart extends Chart {
  constructor(scope: Construct, id: string, { restricted, shared }: NamespacesProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const enforced = new Set(restricted);
    enforced.forEach((name) => this.declareNamespace(name, { "pod-security.kubernetes.io/enforce": "restricted" }));
    [...new Set(shared)]
      .filter((name) => !enforced.has(name) && !BUILT_IN_NAMESPACES.includes(name))
      .forEach((name) => this.declareNamespace(name, { "pod-security.kubernetes.io/warn": "restricted" }));
  }

  private declareNamespace(name: string, labels: Record<string, string>): void {
    new k8s.KubeNamespace(this, name, { metadata: { name, labels } });
  }
}
