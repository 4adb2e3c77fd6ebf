import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

import { quantityValue } from "../../fleet/kubernetes/quantity";

/** What one pod asks of its node. */
export interface Requests {
  readonly cpuCores: number;
  readonly memoryMiB: number;
}

type Resource = "cpu" | "memory";
interface Resources {
  readonly requests?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** A limit counts as the request where there is none. */
const stated = (resources: Resources | undefined, resource: Resource): number | undefined =>
  quantityValue(resources?.requests?.[resource] ?? resources?.limits?.[resource]);

const ofContainer = ({ resources }: V1Container, resource: Resource): number => stated(resources, resource) ?? 0;

/**
 * What the scheduler reserves for a pod: its containers together, or more where a step of its start needs more. Init
 * containers run one after the other, but those that are to be restarted stay beside all that follow.
 * Source: k8s.io/component-helpers, resource.PodRequests.
 */
function requested(pod: V1PodSpec, resource: Resource): number {
  const whole = stated(pod.resources, resource);
  let beside = 0;
  let start = 0;
  for (const container of pod.initContainers ?? []) {
    if (container.restartPolicy === "Always") {
      beside += ofContainer(container, resource);
      start = Math.max(start, beside);
    } else start = Math.max(start, beside + ofContainer(container, resource));
  }
  const running = (pod.containers ?? []).reduce((sum, container) => sum + ofContainer(container, resource), beside);
  const overhead = quantityValue((pod.overhead as Readonly<Record<string, unknown>> | undefined)?.[resource]) ?? 0;
  return (whole ?? Math.max(running, start)) + overhead;
}

export function podRequests(pod: V1PodSpec): Requests {
  return { cpuCores: requested(pod, "cpu"), memoryMiB: requested(pod, "memory") / 2 ** 20 };
}
