import type { KubeObject } from "../../fleet/kubernetes/object";
import { suggestion } from "../../fleet/problem";
import type { Violation } from "../rule";

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

const list = (versions: readonly string[]): string => versions.join(" and ");

/** What is wrong with a kind that is none of the known ones (`apps/v1 Deployment`). */
export function unknownKind({ apiVersion, kind }: KubeObject, minor: string, known: readonly string[]): Violation {
  const pairs = known.map((each) => each.split(" ") as [version: string, kind: string]);
  const elsewhere = pairs.filter(([, name]) => name === kind).map(([version]) => version);
  if (elsewhere.length > 0) {
    const message = `got ${kind} of ${apiVersion}: Kubernetes ${minor} and the definitions here have it in ${list(elsewhere)}`;
    return { path: "apiVersion", message };
  }
  const siblings = pairs.filter(([version]) => version === apiVersion).map(([, name]) => name);
  if (siblings.length > 0) {
    const message = `got ${kind}, which ${apiVersion} does not have in Kubernetes ${minor}${suggestion(kind, siblings)}`;
    return { path: "kind", message };
  }
  const nearest = suggestion(apiVersion, [...new Set(pairs.map(([version]) => version))]);
  return {
    path: "apiVersion",
    message: `got ${apiVersion}, which neither Kubernetes ${minor} has nor a CustomResourceDefinition among the objects${nearest}`,
  };
}
