import { checks } from "../checks/index";
import { collectParts } from "../checks/fleet-parts";
import type { Fleet } from "../model";
import type { Problem } from "../problem";
import { fleetJsonSchema, fleetSchema } from "./schema";
import { describeIssues } from "./shape-problems";

export type { Problem } from "../problem";

/** Thrown by {@link parseFleet}; the message lists every problem. */
export class FleetError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      `${count} in the fleet:\n${problems.map(({ path, message }) => `  ${path || "fleet"}: ${message}`).join("\n")}`,
    );
  }
}

/** A fleet as checked: parsed, or every problem of it. */
export type Checked =
  { readonly ok: true; readonly fleet: Fleet } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Every name that the schema gives a field anywhere: good enough to suggest from. */
function fieldNames(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(fieldNames)];
}

/** Finds every problem of a fleet at once; nothing is touched. */
export function checkFleet(input: unknown): Checked {
  const result = fleetSchema.safeParse(input);
  const shape = result.success ? [] : describeIssues(result.error.issues, input, () => fieldNames(fleetJsonSchema()));
  // Parts that can be read are checked against each other even when others cannot.
  const whole = result.success ? collectParts(result.data, []) : collectParts(input, result.error.issues);
  const problems = [...shape, ...checks.flatMap((check) => check(whole))];
  if (result.success && problems.length === 0) return { ok: true, fleet: result.data };
  const distinct = new Map(problems.map((problem) => [`${problem.path}\0${problem.message}`, problem]));
  return { ok: false, problems: [...distinct.values()] };
}

/** @throws FleetError when there is any problem */
export function throwProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new FleetError(problems);
}

/**
 * The fleet with every default filled in and every reference checked.
 *
 * @throws FleetError with every problem
 */
export function parseFleet(input: unknown): Fleet {
  const checked = checkFleet(input);
  if (!checked.ok) throw new FleetError(checked.problems);
  return checked.fleet;
}
