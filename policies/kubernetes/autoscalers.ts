import type { V2HorizontalPodAutoscalerSpec } from "@kubernetes/client-node";

import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";

/** Keeps the number of an object's pods between two bounds. */
export interface Autoscaler {
  readonly name: string;
  /** Pods that it keeps at least. */
  readonly minReplicas: number;
}

/** A kind without its version, for an autoscaler may name another version than the object states. */
const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");
const keyOf = (namespace: string, apiVersion: string, kind: string, name: string): string =>
  [namespace, groupOf(apiVersion), kind, name].join("\0");

/** The HorizontalPodAutoscalers among some objects, by what they scale. */
export class Autoscalers {
  private readonly byTarget = new Map<string, Autoscaler>();

  constructor(
    objects: readonly KubeObject[],
    private readonly namespaceOf: (object: KubeObject) => string,
  ) {
    for (const object of objects) {
      if (object.kind !== "HorizontalPodAutoscaler" || groupOf(object.apiVersion) !== "autoscaling") continue;
      const { scaleTargetRef: target, minReplicas } = (object.spec ?? {}) as Partial<V2HorizontalPodAutoscalerSpec>;
      if (!target) continue;
      const key = keyOf(namespaceOf(object), target.apiVersion ?? "", target.kind, target.name);
      this.byTarget.set(key, { name: nameOf(object), minReplicas: minReplicas ?? 1 });
    }
  }

  of(object: KubeObject): Autoscaler | undefined {
    return this.byTarget.get(keyOf(this.namespaceOf(object), object.apiVersion, object.kind, nameOf(object)));
  }
}
