import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { BUILT_IN_NAMESPACES } from "../../fleet/kubernetes/object";

/** Where Skerry's own programs run. */
export const SYSTEM_NAMESPACE = "skerry-system";

/** Labels on every object that Skerry renders. */
export const OWNED = {
  "app.kubernetes.io/managed-by": "skerry",
} as const;

/** Namespaces by how strictly they are held. */
export interface NamespacesProps {
  /** Namespaces whose pods are all ours: anything less than the `restricted` pod security level is refused there. */
  readonly restricted: readonly string[];
  /** Namespaces that a team may share with other things: the level is only warned about there. */
  readonly shared: readonly string[];
}

/** The namespaces that the other charts put objects into; those that every cluster has are left alone. */
export class NamespacesChart extends Chart {
  constructor(scope: Construct, id: string, { restricted, shared }: NamespacesProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const ours = new Set(restricted);
    ours.forEach((name) => this.declareNamespace(name, { "pod-security.kubernetes.io/enforce": "restricted" }));
    [...new Set(shared)]
      .filter((name) => !ours.has(name) && !BUILT_IN_NAMESPACES.includes(name))
      .forEach((name) => this.declareNamespace(name, { "pod-security.kubernetes.io/warn": "restricted" }));
  }

  private declareNamespace(name: string, labels: Record<string, string>): void {
    new k8s.KubeNamespace(this, name, { metadata: { name, labels } });
  }
}
