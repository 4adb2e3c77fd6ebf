import type { V1PodSpec } from "@kubernetes/client-node";

import { type KubeObject } from "../../fleet/kubernetes/object";
import { templateOf } from "../../fleet/kubernetes/pod-template";
import { type Autoscaler, Autoscalers } from "./autoscalers";
import { LimitRanges } from "./limit-ranges";
import { type At, podOf } from "./pods";

/** An object that makes pods, and what its pods are like. */
export interface PodMaker {
  readonly object: KubeObject;
  /** With what the LimitRanges of its namespace fill in. */
  readonly pod: At<V1PodSpec>;
  readonly namespace: string;
  /** Of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Pods at once, at least; `per-node` for those of a DaemonSet. */
  readonly replicas: number | "per-node";
  /** What decides how many there are. */
  readonly autoscaler?: Autoscaler;
}

/** Where an object without a namespace goes. */
const DEFAULT_NAMESPACE = "default";

export const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? DEFAULT_NAMESPACE;

interface Spec {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly completions?: number;
  readonly jobTemplate?: { readonly spec?: Spec };
}

const ofJob = ({ parallelism = 1, completions = parallelism }: Spec): number => Math.min(parallelism, completions);

function replicasOf(object: KubeObject): PodMaker["replicas"] {
  const spec = (object.spec ?? {}) as Spec;
  switch (object.kind) {
    case "DaemonSet":
      return "per-node";
    case "Pod":
      return 1;
    case "Job":
      return ofJob(spec);
    case "CronJob":
      return ofJob(spec.jobTemplate?.spec ?? {});
    default:
      return spec.replicas ?? 1;
  }
}

const known = new WeakMap<readonly KubeObject[], readonly PodMaker[]>();

/** Everything among the objects that makes pods. Each rule about a cluster asks, of the same list: it is looked for once. */
export function podMakers(objects: readonly KubeObject[]): readonly PodMaker[] {
  const found = known.get(objects) ?? makers(objects);
  known.set(objects, found);
  return found;
}

function makers(objects: readonly KubeObject[]): PodMaker[] {
  const limitRanges = new LimitRanges(objects, namespaceOf);
  const autoscalers = new Autoscalers(objects, namespaceOf);
  return objects.flatMap((object) => {
    const pod = podOf(object);
    if (!pod) return [];
    const metadata = templateOf(object)?.metadata;
    const namespace = namespaceOf(object);
    const replicas = replicasOf(object);
    // An autoscaler leaves alone what is scaled to none.
    const autoscaler = replicas === 0 ? undefined : autoscalers.of(object);
    return [
      {
        object,
        pod: { ...pod, value: limitRanges.filled(namespace, pod.value) },
        namespace,
        labels: metadata?.labels ?? {},
        annotations: metadata?.annotations ?? {},
        replicas: autoscaler?.minReplicas ?? replicas,
        ...(autoscaler && { autoscaler }),
      },
    ];
  });
}
