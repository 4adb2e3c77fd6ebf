import { createHash } from "node:crypto";

import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

import { DEFAULT_SCHEDULER } from "../../fleet/labels";
import { podRequests } from "../../fleet/kubernetes/requests";

const images = (containers: readonly V1Container[] | undefined): readonly (readonly unknown[])[] =>
  (containers ?? []).map(({ name, image }) => [name, image]).sort();

/**
 * Returns a digest of what a pod template says about placement and the API server keeps: images, requests, node selector,
 * scheduler and priority class. A pod of the template has the same digest.
 */
export function digestTemplate(spec: V1PodSpec): string {
  const { cpuCores, memoryMiB } = podRequests(spec);
  const { nodeSelector = {}, schedulerName = DEFAULT_SCHEDULER, priorityClassName = "" } = spec;
  const parts = [
    images(spec.containers),
    images(spec.initContainers),
    [cpuCores, memoryMiB],
    Object.entries(nodeSelector).sort(([a], [b]) => (a < b ? -1 : 1)),
    [schedulerName, priorityClassName],
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
