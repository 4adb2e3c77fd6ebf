import type { V1Container, V1LabelSelector, V1PodSpec } from "@kubernetes/client-node";
import { ApiObject } from "cdk8s";
import type { IConstruct } from "constructs";

import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { type PodTemplate, templateOf } from "../../fleet/kubernetes/pod-template";

/**
 * What can be placed: a cdk8s-plus workload, or any ApiObject with a pod template, whoever made it (`Include` and `Helm`
 * give such objects too).
 */
export type Placeable = IConstruct;

/** The kind whose controller makes one pod for each node that fits: a scheduler has nothing to choose there. */
export const PER_NODE = "DaemonSet";

/** Kinds of which a number of pods is kept running. */
export const REPLICATED: readonly string[] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/** Named on pods that carry no label at all, so that they can be counted. */
const NAME_LABEL = "app.kubernetes.io/name";

/**
 * The object that a workload becomes.
 *
 * @throws TypeError when it becomes none
 */
export function objectOf(workload: Placeable): ApiObject {
  if (ApiObject.isApiObject(workload)) return workload;
  const child = workload.node.defaultChild;
  if (child && ApiObject.isApiObject(child)) return child;
  throw new TypeError(`${workload.node.path}: got ${workload.constructor.name}, allowed a workload or an ApiObject`);
}

/** The pod template of an object; of a kind that only its operator knows, what lies where Deployments have theirs. */
export function placedTemplate(object: KubeObject): PodTemplate | undefined {
  const known = templateOf(object);
  if (known) return known;
  const { template } = (object.spec ?? {}) as { template?: Partial<PodTemplate> };
  return Array.isArray(template?.spec?.containers) ? (template as PodTemplate) : undefined;
}

/** The containers of a pod, of which one that somebody is still writing has none. */
export function containersOf({ spec }: PodTemplate): V1Container[] {
  const { containers = [] } = spec as Partial<V1PodSpec>;
  return containers;
}

/** What finds a workload's pods: its own selector, or the labels that they carry. */
export function podSelectorOf(object: KubeObject): V1LabelSelector {
  const { selector } = (object.spec ?? {}) as { selector?: V1LabelSelector | Record<string, string> };
  // A Job's selector is made by its controller; old kinds have a plain mapping.
  if (selector && object.kind === "ReplicationController") return { matchLabels: selector as Record<string, string> };
  if (selector && !["Job", "CronJob"].includes(object.kind)) return selector;
  const labels = placedTemplate(object)?.metadata?.labels ?? {};
  return { matchLabels: Object.keys(labels).length > 0 ? labels : countable(object) };
}

/** The label that pods get which carry none. */
export function countable(object: KubeObject): Record<string, string> {
  return { [NAME_LABEL]: nameOf(object) };
}
