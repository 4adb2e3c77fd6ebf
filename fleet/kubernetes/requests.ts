import type { V1PodSpec } from "@kubernetes/client-node";

import { divideRoundingUp, parseQuantity } from "./quantity";

/** CPU and memory that a pod requests, or a node offers. */
export interface Resources {
  readonly cpuCores: number;
  readonly memoryMiB: number;
}

type Resource = "cpu" | "memory";
interface ResourceFields {
  readonly requests?: Readonly<Record<string, unknown>> | null;
  readonly limits?: Readonly<Record<string, unknown>> | null;
}

const NANOS_PER_MILLI = 1_000_000n;
const NANOS_PER_UNIT = 1_000_000_000n;

/** Returns a container's request. It defaults to the limit. */
function containerRequest(resources: ResourceFields | null | undefined, resource: Resource): bigint {
  return parseQuantity(resources?.requests?.[resource] ?? resources?.limits?.[resource]) ?? 0n;
}

const isDeclared = (resources: ResourceFields | null | undefined, resource: Resource): boolean =>
  (resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? undefined) !== undefined;

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * Returns what the containers need together, or more if a step of the pod's start needs more. Init containers run one after
 * the other; sidecars keep running next to all that follow.
 */
function requestOfContainers({ containers, initContainers }: V1PodSpec, resource: Resource): bigint {
  let sidecars = 0n;
  let start = 0n;
  for (const { restartPolicy, resources } of initContainers ?? []) {
    const request = containerRequest(resources, resource);
    if (restartPolicy === "Always") sidecars += request;
    start = larger(start, restartPolicy === "Always" ? sidecars : sidecars + request);
  }
  const running = (containers ?? []).reduce((sum, each) => sum + containerRequest(each.resources, resource), sidecars);
  return larger(running, start);
}

/**
 * Returns what the pod as a whole requests; undefined if its containers decide. A limit is the default request only if no
 * container has a request.
 */
function requestOfPod({ resources, containers, initContainers }: V1PodSpec, resource: Resource): bigint | undefined {
  const { requests, limits }: ResourceFields = resources ?? {};
  const request = requests?.[resource];
  if (request !== undefined && request !== null) return parseQuantity(request);
  const all = [...(containers ?? []), ...(initContainers ?? [])];
  return all.some((each) => isDeclared(each.resources, resource)) ? undefined : parseQuantity(limits?.[resource]);
}

/** In billionths of the base unit. */
function podRequest(pod: V1PodSpec, resource: Resource): bigint {
  const overhead = (pod.overhead as Readonly<Record<string, unknown>> | null | undefined)?.[resource];
  return (requestOfPod(pod, resource) ?? requestOfContainers(pod, resource)) + (parseQuantity(overhead) ?? 0n);
}

/**
 * Returns what the scheduler reserves on a node for a pod, in whole millicores and bytes, rounded up.
 *
 * @see k8s.io/component-helpers/resource, PodRequests
 */
export function podRequests(pod: V1PodSpec): Resources {
  const millicores = divideRoundingUp(podRequest(pod, "cpu"), NANOS_PER_MILLI);
  const bytes = divideRoundingUp(podRequest(pod, "memory"), NANOS_PER_UNIT);
  return { cpuCores: Number(millicores) / 1000, memoryMiB: Number(bytes) / 2 ** 20 };
}

/** Reports whether a node has room for a pod, other pods aside. An absent capacity is no bound. */
export function fitsCapacity(requests: Resources, capacity: Partial<Resources>): boolean {
  return (
    requests.cpuCores <= (capacity.cpuCores ?? Infinity) && requests.memoryMiB <= (capacity.memoryMiB ?? Infinity)
  );
}
