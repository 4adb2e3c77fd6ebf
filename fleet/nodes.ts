import { labels, values } from "./labels";
import type { ClusterSpec, NodePoolSpec } from "./model";

/** Least number of digits in a node's number, so that names sort by number. */
const DIGITS = 2;

const nodeName = (pool: string, number: number): string => `${pool}-${String(number).padStart(DIGITS, "0")}`;

/**
 * Returns the names of a pool's nodes in order: those that the pool lists, or `tokyo-gw-01`, `tokyo-gw-02` and so on. The
 * names of existing nodes that a label selects are not known; the result then stands for them.
 */
export function nodeNames({ name, count, nodes }: Pick<NodePoolSpec, "name" | "count" | "nodes">): string[] {
  return nodes?.names ? [...nodes.names] : Array.from({ length: count }, (_, index) => nodeName(name, index + 1));
}

/** Returns the names of a cluster's servers. */
export const serverNames = ({ name, servers }: Pick<ClusterSpec, "name" | "servers">): string[] =>
  nodeNames({ name: `${name}-server`, count: servers });

/** Returns the name of a pool's last node, which is the longest. */
export function lastNodeName({ name, count }: Pick<NodePoolSpec, "name" | "count">): string {
  return nodeName(name, count);
}

/**
 * Returns every label of a pool's nodes: the label that selects them, the labels that the pool sets, and those that its other
 * fields imply.
 */
export function nodeLabels(pool: Omit<NodePoolSpec, "count" | "taints" | "generation">): Record<string, string> {
  const { label } = pool.nodes ?? {};
  const solidState = pool.capacity.disk === "ssd" || pool.capacity.disk === "nvme";
  return {
    ...(label && { [label.key]: label.value }),
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
