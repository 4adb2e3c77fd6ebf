import type { V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";

import { apiGroupOf, type KubeObject } from "./object";

/** A pod template as plain data: quantities and times are text. */
export type PodTemplate = Pick<V1PodTemplateSpec, "metadata"> & { spec: V1PodSpec };

/** Kinds that are a pod or have a pod template, with the path of the template. */
const TEMPLATE_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", []],
  ["Deployment", ["spec", "template"]],
  ["ReplicaSet", ["spec", "template"]],
  ["StatefulSet", ["spec", "template"]],
  ["DaemonSet", ["spec", "template"]],
  ["ReplicationController", ["spec", "template"]],
  ["Job", ["spec", "template"]],
  ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** API groups of those kinds. Kinds of the same name in other groups are custom resources. */
const GROUPS = new Set(["", "apps", "batch"]);

/** Returns the path of an object's pod template, such as `["spec", "template"]`; undefined if its kind has none. */
export function templatePath({
  apiVersion,
  kind,
}: Pick<KubeObject, "apiVersion" | "kind">): readonly string[] | undefined {
  return GROUPS.has(apiGroupOf(apiVersion)) ? TEMPLATE_PATHS.get(kind) : undefined;
}

/** Returns the pod template of an object, which of a Pod is the Pod itself; undefined if it has none with a spec. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  const path = templatePath(object);
  if (!path) return undefined;
  let template: unknown = object;
  for (const key of path) template = (template as Record<string, unknown> | null | undefined)?.[key];
  return (template as PodTemplate | null | undefined)?.spec ? (template as PodTemplate) : undefined;
}
