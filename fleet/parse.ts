import type { z } from "zod";

import { checks } from "./checks";
import { readable, readableParts } from "./checks/readable";
import type { Fleet } from "./model";
import { pathText, type Problem, shown, suggestion } from "./problem";
import { fleetJsonSchema, fleetSchema } from "./schema";

export type { Problem } from "./problem";

/** Thrown by {@link parseFleet}; the message lists every problem. */
export class FleetError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      `${count} in the fleet:\n${problems.map(({ path, message }) => `  ${path || "fleet"}: ${message}`).join("\n")}`,
    );
  }
}

export type Checked =
  { readonly ok: true; readonly fleet: Fleet } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Keys that a strict object of the schema would have taken where `path` leads. */
function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input);
}

/** Every name that the schema gives a field anywhere: good enough to suggest from. */
function fieldNames(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(fieldNames)];
}

/** The schema's names for kinds of values, as people say them. */
const KINDS: Readonly<Record<string, string>> = {
  array: "list",
  int: "whole number",
  object: "mapping",
  record: "mapping",
  string: "text",
  number: "number",
};
const kind = (expected: string): string => `a ${KINDS[expected] ?? expected}`;

function shapeProblems(issue: z.core.$ZodIssue, input: unknown): Problem[] {
  const path = pathText(issue.path);
  const got = at(input, issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: pathText([...issue.path, key]),
        message: `unknown field${suggestion(key, fieldNames(fleetJsonSchema()))}`,
      }));
    case "invalid_type":
      if (got === undefined) return [{ path, message: `missing, wanted is ${kind(issue.expected)}` }];
      return [{ path, message: `got ${shown(got)}, allowed is ${kind(issue.expected)}` }];
    case "invalid_value":
      return [{ path, message: `got ${shown(got)}, allowed are ${issue.values.map(shown).join(", ")}` }];
    case "invalid_union":
      if (issue.path.at(-1) === "kind") {
        return [{ path, message: `got ${shown(got)}, allowed are "every-node", "each-region", "region", "anywhere"` }];
      }
      return [{ path, message: `got ${shown(got)}, ${issue.message}` }];
    default:
      return [{ path, message: `got ${shown(got)}, ${issue.message}` }];
  }
}

/** Finds every problem of a fleet at once; nothing is touched. */
export function checkFleet(input: unknown): Checked {
  const result = fleetSchema.safeParse(input);
  const shape = result.success ? [] : result.error.issues.flatMap((issue) => shapeProblems(issue, input));
  // Parts that can be read are checked against each other even when others cannot.
  const whole = result.success ? readableParts(result.data) : readable(input, result.error.issues);
  const problems = [...shape, ...checks.flatMap((check) => check(whole))];
  if (result.success && problems.length === 0) return { ok: true, fleet: result.data };
  const distinct = new Map(problems.map((problem) => [`${problem.path}\0${problem.message}`, problem]));
  return { ok: false, problems: [...distinct.values()] };
}

/** @throws FleetError when there is any problem */
export function refuse(problems: readonly Problem[]): void {
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
