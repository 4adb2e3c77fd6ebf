import { checks } from "../checks/index";
import { collectParts } from "../checks/fleet-parts";
import type { Fleet } from "../model";
import type { Problem } from "../problem";
import { fleetJsonSchema, fleetSchema } from "./schema";
import { describeIssues } from "./shape-problems";
import { findUnfinished } from "./unfinished";

export type { Problem } from "../problem";

/** Thrown for an invalid fleet. The message lists every problem. */
export class FleetError extends Error {
  /** @param problems all problems of the fleet, each with its path */
  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      `${count} in the fleet:\n${problems.map(({ path, message }) => `  ${path || "fleet"}: ${message}`).join("\n")}`,
    );
  }
}

/** A parsed fleet, or every problem of it. */
export type CheckResult =
  { readonly ok: true; readonly fleet: Fleet } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Collects the names of all fields in the schema, for suggestions. */
function collectFieldNames(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(collectFieldNames)];
}

/**
 * Parses a fleet and finds all its problems at once. The input is not modified.
 *
 * @param input the fleet as plain data
 */
export function checkFleet(input: unknown): CheckResult {
  const result = fleetSchema.safeParse(input);
  const shape = result.success
    ? []
    : describeIssues(result.error.issues, input, () => collectFieldNames(fleetJsonSchema()));
  // Valid parts are checked against each other even if other parts are invalid.
  const parts = result.success ? collectParts(result.data, []) : collectParts(input, result.error.issues);
  const unfinished = findUnfinished(input);
  // What else is wrong with a value that must be filled in is of no interest.
  const isUnfinished = ({ path }: Problem): boolean => unfinished.some((each) => each.path === path);
  const found = [...shape, ...checks.flatMap((check) => check(parts))];
  const problems = [...unfinished, ...found.filter((problem) => !isUnfinished(problem))];
  if (result.success && problems.length === 0) return { ok: true, fleet: result.data };
  const distinct = new Map(problems.map((problem) => [`${problem.path}\0${problem.message}`, problem]));
  return { ok: false, problems: [...distinct.values()] };
}

/**
 * Throws the problems of a fleet, if any.
 *
 * @param problems all problems found
 * @throws FleetError if there are any problems
 */
export function throwProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new FleetError(problems);
}

/**
 * Parses a fleet: applies every default and checks every reference.
 *
 * @param input the fleet as plain data
 * @throws FleetError with every problem
 */
export function parseFleet(input: unknown): Fleet {
  const checked = checkFleet(input);
  if (!checked.ok) throw new FleetError(checked.problems);
  return checked.fleet;
}
