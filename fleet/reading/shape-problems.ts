import type { z } from "zod";

import { describeAllowed, formatPath, formatValue, type Problem, suggestName } from "../problem";
import { MUST_NOT_BE_EMPTY } from "./forms";

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input);
}

/** What messages call the types of zod. */
const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "a boolean",
  int: "an integer",
  number: "a number",
  object: "a mapping",
  record: "a mapping",
  string: "a string",
};

/**
 * Translates the issues that zod found in a value into problems. The schema's own messages state a rule, such as
 * `must be at least 1`, to which the value found is appended.
 *
 * @param fieldNames returns the names to suggest for an unknown field
 */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  fieldNames: () => readonly string[],
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, key]),
        message: `unknown field${suggestName(key, fieldNames())}`,
      }));
    }
    const got = valueAt(input, issue.path);
    return [{ path: formatPath(issue.path), message: describeIssue(issue, got) }];
  });
}

function describeIssue(issue: z.core.$ZodIssue, got: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const rule = `must be ${TYPES[issue.expected] ?? issue.expected}`;
      return got === undefined ? `missing required field, ${rule}` : `${rule}, got ${formatValue(got)}`;
    }
    case "invalid_value":
      return describeChoice(issue.values, got);
    case "invalid_union":
      // A discriminated union lists the values of its discriminator; any other union has a message of its own.
      if ("discriminator" in issue && "options" in issue) return describeChoice(issue.options as unknown[], got);
  }
  const isEmpty = got === "" || (Array.isArray(got) && got.length === 0);
  if (isEmpty && issue.message === MUST_NOT_BE_EMPTY) return issue.message;
  return `${issue.message}, got ${formatValue(got)}`;
}

function describeChoice(allowed: readonly unknown[], got: unknown): string {
  const names = allowed.filter((value) => typeof value === "string");
  const suggestion = typeof got === "string" ? suggestName(got, names) : "";
  return `${describeAllowed(allowed)}; got ${formatValue(got)}${suggestion}`;
}
