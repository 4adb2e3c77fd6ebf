import type { V1PodSpec } from "@kubernetes/client-node";

import { divideRoundingUp, parseQuantity } from "./quantity";

/** CPU and memory that a pod requests, or a node offers. */
export interface Resources {
  readonly cpuCores: number;
  readonly memoryMiB: number;
}

type Resource = "cpu" | "memory";
type Quantities = Readonly<Record<string, unknown>> | null;
interface ResourceFields {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

const NANOS_PER_MILLI = 1_000_000n;

const roundToMillis = (nanos: bigint): bigint => divideRoundingUp(nanos, NANOS_PER_MILLI) * NANOS_PER_MILLI;

/** Returns the request of a container, which defaults to its limit, in billionths; undefined if it has neither. */
function requestOf(resources: ResourceFields | null | undefined, resource: Resource): bigint | undefined {
  return parseQuantity(resources?.requests?.[resource] ?? resources?.limits?.[resource]);
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * Returns what the containers request together, or more if a step of the pod's start needs more. Init containers run one
 * after the other; sidecars keep running next to all that follow.
 *
 * @param round how each request is rounded before it is added
 */
function sumOfContainers(
  { containers, initContainers }: V1PodSpec,
  resource: Resource,
  round: (nanos: bigint) => bigint,
): bigint {
  const request = (resources: ResourceFields | undefined): bigint => round(requestOf(resources, resource) ?? 0n);
  let sidecars = 0n;
  let start = 0n;
  for (const { restartPolicy, resources } of initContainers ?? []) {
    const own = request(resources);
    start = larger(start, sidecars + own);
    if (restartPolicy === "Always") sidecars += own;
  }
  const running = (containers ?? []).reduce((sum, { resources }) => sum + request(resources), sidecars);
  return larger(running, start);
}

/** Returns what a pod requests of a resource without its overhead, in billionths. */
function requestOfPod(pod: V1PodSpec, resource: Resource): bigint {
  const { requests, limits }: ResourceFields = pod.resources ?? {};
  const declared = parseQuantity(requests?.[resource]);
  if (declared !== undefined) return declared;
  // Only a pod with limits of its own gets default requests, and before the API server rounds those of its containers.
  if (Object.keys(limits ?? {}).length === 0) return sumOfContainers(pod, resource, roundToMillis);
  const all = [...(pod.containers ?? []), ...(pod.initContainers ?? [])];
  const isRequested = all.some(({ resources }) => requestOf(resources, resource) !== undefined);
  return isRequested ? sumOfContainers(pod, resource, (nanos) => nanos) : (parseQuantity(limits?.[resource]) ?? 0n);
}

/** In thousandths of a core or a byte, to which the API server rounds up. */
function podRequest(pod: V1PodSpec, resource: Resource): bigint {
  const overhead = parseQuantity((pod.overhead as Quantities | undefined)?.[resource]) ?? 0n;
  return (roundToMillis(requestOfPod(pod, resource)) + roundToMillis(overhead)) / NANOS_PER_MILLI;
}

/**
 * Returns what the scheduler reserves on a node for a pod, rounded up to millicores and bytes.
 *
 * @see k8s.io/component-helpers/resource, PodRequests
 */
export function podRequests(pod: V1PodSpec): Resources {
  const bytes = divideRoundingUp(podRequest(pod, "memory"), 1000n);
  return { cpuCores: Number(podRequest(pod, "cpu")) / 1000, memoryMiB: Number(bytes) / 2 ** 20 };
}

/** Reports whether a node has room for a pod, other pods aside. An absent capacity is no bound. */
export function fitsCapacity({ cpuCores, memoryMiB }: Resources, capacity: Partial<Resources>): boolean {
  return cpuCores <= (capacity.cpuCores ?? Infinity) && memoryMiB <= (capacity.memoryMiB ?? Infinity);
}
