import type { V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";

import type { KubeObject } from "./object";

/** A pod template as plain data: quantities are text, and a time is what JSON has for it. */
export type PodTemplate = Pick<V1PodTemplateSpec, "metadata"> & { spec: V1PodSpec };

/** Kinds that have a pod template, or are a pod, with the field in which it lies. */
const HOLDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", []],
  ["Deployment", ["spec", "template"]],
  ["ReplicaSet", ["spec", "template"]],
  ["StatefulSet", ["spec", "template"]],
  ["DaemonSet", ["spec", "template"]],
  ["ReplicationController", ["spec", "template"]],
  ["Job", ["spec", "template"]],
  ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** API groups of those kinds; a `Deployment` of somebody else's group is their own business. */
const GROUPS = new Set(["", "apps", "batch"]);

/** Where an object keeps its pod template: `["spec", "template"]`; undefined when it has none. */
export function templatePath({
  apiVersion,
  kind,
}: Pick<KubeObject, "apiVersion" | "kind">): readonly string[] | undefined {
  const path = HOLDS.get(kind);
  return path && GROUPS.has(apiVersion.slice(0, Math.max(0, apiVersion.indexOf("/")))) ? path : undefined;
}

/** The pod template of an object (a Pod is its own); undefined when it has none, or none with a spec. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  const path = templatePath(object);
  if (!path) return undefined;
  let found: unknown = object;
  for (const key of path) found = (found as Record<string, unknown> | null | undefined)?.[key];
  return (found as PodTemplate | null | undefined)?.spec ? (found as PodTemplate) : undefined;
}
