import { labels, values } from "./labels";
import type { NodePoolSpec } from "./model";

/** Nodes are numbered with at least two digits, so that they sort as they count. */
const DIGITS = 2;

const nodeName = (pool: string, number: number): string => `${pool}-${String(number).padStart(DIGITS, "0")}`;

/** Names of a pool's nodes, in order: `tokyo-gw-01`, `tokyo-gw-02`, … */
export function nodeNames({ name, count }: Pick<NodePoolSpec, "name" | "count">): string[] {
  return Array.from({ length: count }, (_, index) => nodeName(name, index + 1));
}

/** The last of a pool's node names, which is the longest. */
export function lastNodeName({ name, count }: Pick<NodePoolSpec, "name" | "count">): string {
  return nodeName(name, count);
}

/** Every label that a pool's nodes carry: those that follow from what the pool is, and its own. */
export function nodeLabels(pool: Omit<NodePoolSpec, "count" | "taints">): Record<string, string> {
  const solidState = pool.capacity.disk === "ssd" || pool.capacity.disk === "nvme";
  return {
    ...pool.labels,
    [labels.nodePool]: pool.name,
    [labels.nodeType]: pool.role,
    [labels.deviceType]: pool.device,
    [labels.topologyRegion]: pool.region,
    [labels.topologyZone]: pool.zone,
    ...(pool.role === "edge-worker" ? { [labels.edgeRegion]: pool.region } : {}),
    ...(pool.edgeNodeType ? { [labels.edgeNodeType]: pool.edgeNodeType } : {}),
    ...(solidState ? { [labels.diskType]: values.ssd } : {}),
  };
}
