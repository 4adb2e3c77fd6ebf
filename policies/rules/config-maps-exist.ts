import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ClusterRule, Violation } from "../engine/rule";
import { namespaceOf } from "../kubernetes/workloads";

/** Kubernetes puts it into every namespace. */
const BUILT_IN = "kube-root-ca.crt";

interface Reference {
  readonly name?: string | undefined;
  /** The entry that is wanted of it. @default all */
  readonly key?: string;
  readonly optional?: boolean | undefined;
  readonly path: string;
}

function references(object: KubeObject): Reference[] {
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

function problem({ name, key, path }: Reference, maps: ReadonlyMap<string, KubeObject>): Violation | undefined {
  const map = maps.get(name ?? "");
  if (!map) return { path, message: unknownName("ConfigMap", name ?? "", [...maps.keys()]) };
  const keys = Object.keys({ ...(map.data as object | undefined), ...(map.binaryData as object | undefined) });
  if (key === undefined || keys.includes(key)) return undefined;
  return { path: path.replace(/name$/, "key"), message: `${unknownName("key", key, keys)} (of ConfigMap ${name})` };
}

export const configMapsExist: ClusterRule = {
  subject: "cluster",
  id: "config-maps-exist",
  title: "Every ConfigMap that a pod reads exists, with the entry that it reads",
  why: "The pod's containers can't be made until the ConfigMap is there: it waits, and its deployment with it.",
  severity: "warning",
  remedy: "Add the ConfigMap to the cluster's objects, correct its name, or mark the reference as optional.",
  check: ({ objects }) => {
    const maps = new Map<string, Map<string, KubeObject>>();
    for (const object of objects.filter(({ apiVersion, kind }) => kind === "ConfigMap" && apiVersion === "v1")) {
      const namespace = namespaceOf(object);
      maps.set(namespace, (maps.get(namespace) ?? new Map<string, KubeObject>()).set(nameOf(object), object));
    }
    return objects.flatMap((object) =>
      references(object)
        .filter(({ name, optional }) => !optional && name !== BUILT_IN)
        .flatMap((reference) => {
          const found = problem(reference, maps.get(namespaceOf(object)) ?? new Map<string, KubeObject>());
          return found ? [{ object, ...found }] : [];
        }),
    );
  },
};
