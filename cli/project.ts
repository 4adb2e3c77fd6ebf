import { existsSync } from "node:fs";
import { join } from "node:path";

/** The stack that runs on the embedded lab and stores its state in the project. */
export const LOCAL_STACK = "local";

/**
 * Locations of the fleet, the policy and the charts in a project. A small repository has one fleet and one policy at its top. A
 * repository with several stacks, such as Skerry's own, has them in `stacks/`.
 */
const fleetCandidates = (stack: string): readonly string[] => [`stacks/${stack}.ts`, "fleet.ts"];
const POLICY_CANDIDATES: readonly string[] = ["policy.ts", "stacks/policy.ts"];

const CHARTS_CANDIDATES: readonly string[] = ["charts.ts", "stacks/charts.ts"];

const findFirst = (project: string, candidates: readonly string[]): string | undefined =>
  candidates.map((file) => join(project, file)).find(existsSync);

/**
 * Finds the module with the fleet of a stack: `stacks/<stack>.ts`, or else `fleet.ts`.
 *
 * @throws Error if neither file exists
 */
export function fleetFile(project: string, stack: string): string {
  const found = findFirst(project, fleetCandidates(stack));
  if (found) return found;
  throw new Error(`no fleet found for stack "${stack}" in ${project}: expected ${fleetCandidates(stack).join(" or ")}`);
}

/** Finds the module with the team's charts: `charts.ts`, or else `stacks/charts.ts`. */
export const chartsFile = (project: string): string | undefined => findFirst(project, CHARTS_CANDIDATES);

/** Finds the module with the team's policy: `policy.ts`, or else `stacks/policy.ts`. */
export const policyFile = (project: string): string | undefined => findFirst(project, POLICY_CANDIDATES);
