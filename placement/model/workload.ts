import type { V1LabelSelector } from "@kubernetes/client-node";
import { ApiObject } from "cdk8s";
import type { IConstruct } from "constructs";

import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { type PodTemplate, templateOf } from "../../fleet/kubernetes/pod-template";

/** A cdk8s-plus workload, or any ApiObject with a pod template, such as those of `Include` and `Helm`. */
export type Placeable = IConstruct;

/** The label that pods without any get, so that a selector finds them. */
const NAME_LABEL = "app.kubernetes.io/name";

/**
 * Returns the Kubernetes object that a workload renders.
 *
 * @throws TypeError if it renders none
 */
export function objectOf(workload: Placeable): ApiObject {
  if (ApiObject.isApiObject(workload)) return workload;
  const child = workload.node.defaultChild;
  if (child && ApiObject.isApiObject(child)) return child;
  throw new TypeError(`${workload.node.path}: got ${workload.constructor.name}, allowed a workload or an ApiObject`);
}

/** Returns the pod template of an object. Custom resources may have one at `spec.template`, as Deployments do. */
export function placedTemplate(object: KubeObject): PodTemplate | undefined {
  const found = templateOf(object);
  if (found) return found;
  const { template } = (object.spec ?? {}) as { template?: Partial<PodTemplate> };
  return Array.isArray(template?.spec?.containers) ? (template as PodTemplate) : undefined;
}

/** Returns the selector of a workload's pods: its own, or one of the pods' labels. */
export function podSelectorOf(object: KubeObject): V1LabelSelector {
  const { selector } = (object.spec ?? {}) as { selector?: V1LabelSelector | Record<string, string> };
  // Jobs get their selector from their controller. The selector of a ReplicationController is a plain map.
  if (selector && object.kind === "ReplicationController") return { matchLabels: selector as Record<string, string> };
  if (selector && !["Job", "CronJob"].includes(object.kind)) return selector;
  const labels = placedTemplate(object)?.metadata?.labels ?? {};
  return { matchLabels: Object.keys(labels).length > 0 ? labels : countable(object) };
}

/** Returns the labels for pods that have none. */
export function countable(object: KubeObject): Record<string, string> {
  return { [NAME_LABEL]: nameOf(object) };
}
