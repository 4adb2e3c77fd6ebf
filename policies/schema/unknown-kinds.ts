import { distance } from "fastest-levenshtein";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatValue, suggestName } from "../../fleet/problem";
import type { Violation } from "../engine/rule";

/** Kinds that K3s brings and whose definitions are in its binary alone. Source: K3s documentation, "Helm" and "Etcd snapshots". */
const OF_K3S: ReadonlySet<string> = new Set([
  "helm.cattle.io/v1 HelmChart",
  "helm.cattle.io/v1 HelmChartConfig",
  "k3s.cattle.io/v1 Addon",
  "k3s.cattle.io/v1 ETCDSnapshotFile",
]);

export const kindOf = ({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">): string =>
  `${apiVersion} ${kind}`;

/** Whether a kind exists though nobody here can say what its objects look like. */
export const isOpaque = (object: KubeObject): boolean => OF_K3S.has(kindOf(object));

const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");

/** Whether somebody who wrote one API group may have meant the other: it is a slip of two letters at most. */
const isNear = (group: string, other: string): boolean =>
  group === other || (group.length < 100 && distance(group, other) <= 2);

/** What is wrong with a kind that is none of the known ones (`apps/v1 Deployment`). */
export function unknownKind({ apiVersion, kind }: KubeObject, minor: string, known: readonly string[]): Violation {
  const pairs = known.map((each) => each.split(" ") as [version: string, kind: string]);
  const group = groupOf(apiVersion);
  const isKnownGroup = pairs.some(([version]) => groupOf(version) === group);
  // Others have kinds of the same name: knative's Service is not meant to be Kubernetes' own.
  const elsewhere = pairs
    .filter(([version, name]) => name === kind && (isKnownGroup || isNear(group, groupOf(version))))
    .map(([version]) => version);
  if (elsewhere.length > 0) {
    const message = `got ${kind} of ${formatValue(apiVersion)}: Kubernetes ${minor} and the definitions here have it in ${elsewhere.join(" and ")}`;
    return { path: "apiVersion", message };
  }
  const siblings = pairs.filter(([version]) => version === apiVersion).map(([, name]) => name);
  if (siblings.length > 0) {
    const message = `got ${formatValue(kind)}, which ${apiVersion} does not have in Kubernetes ${minor}${suggestName(kind, siblings)}`;
    return { path: "kind", message };
  }
  const message = `got ${formatValue(kind)} of ${formatValue(apiVersion)}, which neither Kubernetes ${minor} nor a CustomResourceDefinition here defines: add its definition to the manifests, or name it with --crds`;
  return { path: "apiVersion", message };
}
