import type { V2HorizontalPodAutoscalerSpec } from "@kubernetes/client-node";

import { apiGroupOf, type KubeObject, nameOf, namespaceOf } from "../../fleet/kubernetes/object";

/** A HorizontalPodAutoscaler. */
export interface Autoscaler {
  readonly name: string;
  /** @default 1 */
  readonly minReplicas: number;
}

/** Without the version: an autoscaler may name another one than the object has. */
const keyOf = (namespace: string, apiVersion: string, kind: string, name: string): string =>
  [namespace, apiGroupOf(apiVersion), kind, name].join("\0");

/** An index of HorizontalPodAutoscalers by their target. */
export class Autoscalers {
  private readonly byTarget = new Map<string, Autoscaler>();

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) {
      if (object.kind !== "HorizontalPodAutoscaler" || apiGroupOf(object.apiVersion) !== "autoscaling") continue;
      const { scaleTargetRef: target, minReplicas } = (object.spec ?? {}) as Partial<V2HorizontalPodAutoscalerSpec>;
      if (!target) continue;
      const key = keyOf(namespaceOf(object), target.apiVersion ?? "", target.kind, target.name);
      this.byTarget.set(key, { name: nameOf(object), minReplicas: minReplicas ?? 1 });
    }
  }

  /** Returns the autoscaler of an object; undefined if it has none. */
  find(object: KubeObject): Autoscaler | undefined {
    return this.byTarget.get(keyOf(namespaceOf(object), object.apiVersion, object.kind, nameOf(object)));
  }
}
