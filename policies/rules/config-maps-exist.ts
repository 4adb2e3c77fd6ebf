import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ClusterRule, Violation } from "../engine/rule";
import { namespaceOf } from "../kubernetes/workloads";

/** Kubernetes creates this ConfigMap in every namespace. */
const BUILT_IN = "kube-root-ca.crt";

interface Reference {
  readonly name?: string | undefined;
  /** @default all keys */
  readonly key?: string;
  readonly optional?: boolean | undefined;
  readonly path: string;
}

function findReferences(object: KubeObject): Reference[] {
  const pod = podOf(object);
  if (!pod) return [];
  const volumes = (pod.value.volumes ?? []).flatMap(({ configMap, projected }, index): Reference[] => [
    ...(configMap ? [{ ...configMap, path: pod.path("volumes", index, "configMap", "name") }] : []),
    ...(projected?.sources ?? []).flatMap((source, at) =>
      source.configMap
        ? [{ ...source.configMap, path: pod.path("volumes", index, "projected", "sources", at, "configMap", "name") }]
        : [],
    ),
  ]);
  const variables = containersOf(object).flatMap(({ value, path }): Reference[] => [
    ...(value.envFrom ?? []).flatMap(({ configMapRef }, index) =>
      configMapRef ? [{ ...configMapRef, path: path("envFrom", index, "configMapRef", "name") }] : [],
    ),
    ...(value.env ?? []).flatMap(({ valueFrom }, index) =>
      valueFrom?.configMapKeyRef
        ? [{ ...valueFrom.configMapKeyRef, path: path("env", index, "valueFrom", "configMapKeyRef", "name") }]
        : [],
    ),
  ]);
  return [...volumes, ...variables];
}

function checkReference({ name, key, path }: Reference, maps: ReadonlyMap<string, KubeObject>): Violation | undefined {
  const map = maps.get(name ?? "");
  if (!map) return { path, message: unknownName(name ?? "", [...maps.keys()]) };
  const keys = Object.keys({ ...(map.data as object | undefined), ...(map.binaryData as object | undefined) });
  if (key === undefined || keys.includes(key)) return undefined;
  return { path: path.replace(/name$/, "key"), message: `${unknownName(key, keys)} (of ConfigMap ${name})` };
}

export const configMapsExist: ClusterRule = {
  subject: "cluster",
  id: "config-maps-exist",
  title: "ConfigMaps that pods reference exist and have the referenced keys",
  why: "The kubelet does not start a pod's containers until the ConfigMap exists, so the rollout waits.",
  severity: "warning",
  remedy: "Add the ConfigMap to the cluster's objects, correct the reference, or mark it as optional.",
  check: ({ objects }) => {
    const maps = new Map<string, Map<string, KubeObject>>();
    for (const object of objects.filter(({ apiVersion, kind }) => kind === "ConfigMap" && apiVersion === "v1")) {
      const namespace = namespaceOf(object);
      maps.set(namespace, (maps.get(namespace) ?? new Map<string, KubeObject>()).set(nameOf(object), object));
    }
    return objects.flatMap((object) =>
      findReferences(object)
        .filter(({ name, optional }) => !optional && name !== BUILT_IN)
        .flatMap((reference) => {
          const violation = checkReference(reference, maps.get(namespaceOf(object)) ?? new Map<string, KubeObject>());
          return violation ? [{ object, ...violation }] : [];
        }),
    );
  },
};
