import type { V1PodSpec } from "@kubernetes/client-node";

import { type At, podOf } from "../../fleet/kubernetes/containers";
import { type KubeObject, namespaceOf } from "../../fleet/kubernetes/object";
import { templateOf } from "../../fleet/kubernetes/pod-template";
import { countReplicas } from "../../fleet/kubernetes/replicas";
import { type Autoscaler, Autoscalers } from "./autoscalers";
import { LimitRanges } from "./limit-ranges";

/** An object that creates pods, and the pods that it creates. */
export interface PodMaker {
  readonly object: KubeObject;
  /** The pod spec, with the defaults of its namespace's LimitRanges. */
  readonly pod: At<V1PodSpec>;
  readonly namespace: string;
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations of the pods. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The least number of pods at a time; `per-node` for a DaemonSet. */
  readonly replicas: number | "per-node";
  /** The autoscaler that sets the number of pods. */
  readonly autoscaler?: Autoscaler;
}

const cache = new WeakMap<readonly KubeObject[], readonly PodMaker[]>();

/** Returns all objects that create pods. Cached, because every rule about a cluster asks for the same list. */
export function podMakers(objects: readonly KubeObject[]): readonly PodMaker[] {
  const makers = cache.get(objects) ?? findPodMakers(objects);
  cache.set(objects, makers);
  return makers;
}

function findPodMakers(objects: readonly KubeObject[]): PodMaker[] {
  const limitRanges = new LimitRanges(objects);
  const autoscalers = new Autoscalers(objects);
  return objects.flatMap((object) => {
    const pod = podOf(object);
    if (!pod) return [];
    const metadata = templateOf(object)?.metadata;
    const namespace = namespaceOf(object);
    const replicas = countReplicas(object);
    // An autoscaler ignores a workload that is scaled to zero.
    const autoscaler = replicas === 0 ? undefined : autoscalers.find(object);
    return [
      {
        object,
        pod: { ...pod, value: limitRanges.applyTo(namespace, pod.value) },
        namespace,
        labels: metadata?.labels ?? {},
        annotations: metadata?.annotations ?? {},
        replicas: autoscaler?.minReplicas ?? replicas,
        ...(autoscaler && { autoscaler }),
      },
    ];
  });
}
