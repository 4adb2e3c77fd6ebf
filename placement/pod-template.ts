import { ApiObject } from "cdk8s";
import type { k8s } from "cdk8s-plus-27";
import type { IConstruct } from "constructs";

/**
 * What can be placed: a cdk8s-plus workload, or any ApiObject with a pod template, whoever made it (`Include` and `Helm`
 * give such objects too).
 */
export type Placeable = IConstruct;

/** Kinds that make one pod for each node: their pods' nodes are not chosen by a scheduler's scores. */
export const PER_NODE = "DaemonSet";

/** An object with a pod template, as plain data that may be changed. */
export interface WorkloadObject {
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
  spec: Record<string, unknown> & {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    volumeClaimTemplates?: object[];
  };
}

/** A pod template as plain data that may be changed. */
export interface Template {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: { -readonly [field in keyof k8s.PodSpec]: k8s.PodSpec[field] };
}

/**
 * The object that a workload becomes.
 *
 * @throws TypeError when it becomes none, or several
 */
export function objectOf(workload: Placeable): ApiObject {
  if (ApiObject.isApiObject(workload)) return workload;
  const child = workload.node.defaultChild;
  if (child && ApiObject.isApiObject(child)) return child;
  throw new TypeError(`${workload.node.path}: got ${workload.constructor.name}, allowed a workload or an ApiObject`);
}

/**
 * Where an object keeps its pod template: a Pod is one, a CronJob has it in its job's template, everybody else in
 * `spec.template`.
 */
export function templateOf(object: WorkloadObject): Template | undefined {
  const spec = object.spec as Record<string, unknown> | undefined;
  const found =
    object.kind === "Pod"
      ? object
      : object.kind === "CronJob"
        ? (spec?.jobTemplate as { spec?: { template?: unknown } } | undefined)?.spec?.template
        : spec?.template;
  return (found as Template | undefined)?.spec ? (found as Template) : undefined;
}

/** The labels by which a workload's own pods are found; empty when it has none. */
export function selectorOf(object: WorkloadObject): Record<string, string> {
  return object.spec.selector?.matchLabels ?? templateOf(object)?.metadata?.labels ?? {};
}
