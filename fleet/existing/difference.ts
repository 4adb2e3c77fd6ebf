import type { Problem } from "../problem";

/**
 * A difference between what a fleet states and what a cluster is. An error means that the fleet is wrong about something
 * that Skerry does not change, so nothing is applied. A warning means that Skerry changes it, or that it may be temporary.
 */
export interface Difference extends Problem {
  readonly severity: "error" | "warning";
}

export const error = (path: string, message: string): Difference => ({ severity: "error", path, message });
export const warning = (path: string, message: string): Difference => ({ severity: "warning", path, message });

/** Returns differences with paths that start at the fleet. */
export const inCluster = (cluster: string, differences: readonly Difference[]): Difference[] =>
  differences.map((difference) => ({
    ...difference,
    path: difference.path === "" ? cluster : `${cluster}.${difference.path}`,
  }));

/** The most names that a message lists. */
const LISTED = 5;

/** Lists names: `a, b and 3 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `${names.slice(0, LISTED).join(", ")}${more}`;
}

/** Starts a sentence about nodes: `node a has` or `nodes a, b have`. */
export const nodesHave = (names: readonly string[]): string =>
  names.length === 1 ? `node ${names[0]} has` : `nodes ${listNames(names)} have`;
