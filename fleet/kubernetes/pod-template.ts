import type { V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";

import type { KubeObject } from "./object";

/** A pod template as plain data: quantities are text, and a time is what JSON has for it. */
export type PodTemplate = Pick<V1PodTemplateSpec, "metadata"> & { spec: V1PodSpec };

/** Kinds that have a pod template, or are a pod, with the field in which it lies. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** API groups of those kinds; a `Deployment` of somebody else's group is their own business. */
const GROUPS = new Set(["", "apps", "batch"]);

/** Where an object keeps its pod template: `["spec", "template"]`; undefined when it has none. */
export function templatePath({
  apiVersion,
  kind,
}: Pick<KubeObject, "apiVersion" | "kind">): readonly string[] | undefined {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
  return GROUPS.has(group) ? HOLDS[kind] : undefined;
}

/** The pod template of an object (a Pod is its own); undefined when it has none, or none with a spec. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  const path = templatePath(object);
  const found = path?.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
  return (found as PodTemplate | undefined)?.spec ? (found as PodTemplate) : undefined;
}
