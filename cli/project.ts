import { existsSync } from "node:fs";
import { join } from "node:path";

/** The stack that runs on the embedded lab and keeps its state in the project. */
export const LOCAL_STACK = "local";

/**
 * Where things are in a project. A small repository has one fleet and one policy at its top; one with several stacks,
 * as Skerry's own checkout, keeps both in `stacks/`.
 */
const FLEETS = (stack: string): readonly string[] => [`stacks/${stack}.ts`, "fleet.ts"];
const POLICIES: readonly string[] = ["policy.ts", "stacks/policy.ts"];

const first = (project: string, candidates: readonly string[]): string | undefined =>
  candidates.map((file) => join(project, file)).find(existsSync);

/**
 * The module that states a stack's fleet: `stacks/<stack>.ts`, else `fleet.ts`.
 *
 * @throws Error when there is neither
 */
export function fleetFile(project: string, stack: string): string {
  const found = first(project, FLEETS(stack));
  if (found) return found;
  throw new Error(`no fleet for stack "${stack}" in ${project}: looked for ${FLEETS(stack).join(" and ")}`);
}

/** The module that states the team's policy: `policy.ts`, else `stacks/policy.ts`; undefined when it states none. */
export const policyFile = (project: string): string | undefined => first(project, POLICIES);
