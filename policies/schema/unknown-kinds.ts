import { distance } from "fastest-levenshtein";

import { apiGroupOf, type KubeObject } from "../../fleet/kubernetes/object";
import { formatValue, suggestName } from "../../fleet/problem";
import type { Violation } from "../engine/rule";

/** Kinds of K3s, whose definitions are only in its binary. Source: K3s documentation, "Helm" and "Etcd snapshots". */
const K3S_KINDS: ReadonlySet<string> = new Set([
  "helm.cattle.io/v1 HelmChart",
  "helm.cattle.io/v1 HelmChartConfig",
  "k3s.cattle.io/v1 Addon",
  "k3s.cattle.io/v1 ETCDSnapshotFile",
]);

export const kindOf = ({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">): string =>
  `${apiVersion} ${kind}`;

/** Whether an object's kind exists although its schema is not available. */
export const isOpaque = (object: KubeObject): boolean => K3S_KINDS.has(kindOf(object));

/** Whether two API groups differ by at most two characters, which is likely a typo. */
const isSimilar = (group: string, other: string): boolean =>
  group === other || (group.length < 100 && distance(group, other) <= 2);

/**
 * Returns the violation of an object of unknown kind.
 *
 * @param kinds the available kinds, such as `apps/v1 Deployment`
 */
export function unknownKind({ apiVersion, kind }: KubeObject, minor: string, kinds: readonly string[]): Violation {
  const pairs = kinds.map((each) => each.split(" ") as [version: string, kind: string]);
  const group = apiGroupOf(apiVersion);
  const isKnownGroup = pairs.some(([version]) => apiGroupOf(version) === group);
  // Groups may have kinds of the same name: Knative's Service is not a mistake for Kubernetes' Service.
  const elsewhere = pairs
    .filter(([version, name]) => name === kind && (isKnownGroup || isSimilar(group, apiGroupOf(version))))
    .map(([version]) => version);
  if (elsewhere.length > 0) {
    const message = `got ${formatValue(apiVersion)}, must be ${elsewhere.join(" or ")} for kind ${kind} in Kubernetes ${minor}`;
    return { path: "apiVersion", message };
  }
  const siblings = pairs.filter(([version]) => version === apiVersion).map(([, name]) => name);
  if (siblings.length > 0) {
    const message = `unknown kind ${formatValue(kind)} in ${apiVersion} of Kubernetes ${minor}${suggestName(kind, siblings)}`;
    return { path: "kind", message };
  }
  const message = `unknown kind ${formatValue(kind)} of ${formatValue(apiVersion)}: not in Kubernetes ${minor} and without CustomResourceDefinition; add its definition to the manifests or pass it with --crds`;
  return { path: "apiVersion", message };
}
