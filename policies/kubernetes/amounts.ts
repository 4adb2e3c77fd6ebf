import type { Requests } from "./requests";

const rounded = (value: number): string => String(Math.round(value * 1000) / 1000);

/** `2.5 cores`, `64 MiB`. */
export function amountText(resource: keyof Requests, value: number): string {
  return resource === "cpuCores" ? `${rounded(value)} ${value === 1 ? "core" : "cores"}` : `${rounded(value)} MiB`;
}

/** `1 node`, `2 nodes`. */
export const nodesText = (count: number): string => `${count} ${count === 1 ? "node" : "nodes"}`;
