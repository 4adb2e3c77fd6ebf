import type { z } from "zod";

import { formatPath, type Problem, formatValue, suggestName } from "../problem";

/** What stands where `path` leads. */
function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input);
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

/**
 * What a schema says of a value, as a person is told.
 *
 * @param fields names of fields to suggest from where one is not known
 */
export function shapeProblems(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  fields: () => readonly string[],
): Problem[] {
  return issues.flatMap((issue) => {
    const path = formatPath(issue.path);
    const got = at(input, issue.path);
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => ({
          path: formatPath([...issue.path, key]),
          message: `unknown field${suggestName(key, fields())}`,
        }));
      case "invalid_type":
        if (got === undefined) return [{ path, message: `missing, wanted is ${kind(issue.expected)}` }];
        return [{ path, message: `got ${formatValue(got)}, allowed is ${kind(issue.expected)}` }];
      case "invalid_value":
        return [{ path, message: `got ${formatValue(got)}, allowed are ${issue.values.map(formatValue).join(", ")}` }];
      case "invalid_union":
        // What tells the forms of a union apart has values of its own.
        if ("discriminator" in issue && "options" in issue) {
          return [
            { path, message: `got ${formatValue(got)}, allowed are ${(issue.options as unknown[]).map(formatValue).join(", ")}` },
          ];
        }
        return [{ path, message: `got ${formatValue(got)}, ${issue.message}` }];
      default:
        return [{ path, message: `got ${formatValue(got)}, ${issue.message}` }];
    }
  });
}
