import type { Resources } from "../../fleet/kubernetes/requests";

const rounded = (value: number): string => String(Math.round(value * 1000) / 1000);

/** Formats an amount of a resource: `2.5 cores`, `64 MiB`. */
export function amountText(resource: keyof Resources, value: number): string {
  return resource === "cpuCores" ? `${rounded(value)} ${value === 1 ? "core" : "cores"}` : `${rounded(value)} MiB`;
}

/** Formats a number of nodes: `1 node`, `2 nodes`. */
export const nodesText = (count: number): string => `${count} ${count === 1 ? "node" : "nodes"}`;
