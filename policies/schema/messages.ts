import { formatValue, suggestName } from "../../fleet/problem";
import { FORMAT_RULES } from "./formats";
import type { Schema } from "./schema";

/** Names of JSON types in messages. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "a mapping",
  array: "a list",
  null: "null",
};

/** Returns the type of a value. The value itself may be a secret. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return value === null ? "null" : "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a fraction";
  return typeof value === "boolean" ? "true or false" : "a mapping";
}

export function typeMessage(value: unknown, type: string | readonly string[]): string {
  return `got ${typeOf(value)}, must be ${[type]
    .flat()
    .map((each) => TYPES[each] ?? each)
    .join(" or ")}`;
}

export function unknownFieldMessage(field: string, { title, properties = {} }: Schema): string {
  const fields = Object.keys(properties).sort();
  const unknown = title === undefined ? "unknown field" : `unknown field of ${title}`;
  const didYouMean = suggestName(field, fields);
  if (didYouMean !== "") return `${unknown}${didYouMean}`;
  return fields.length === 0 ? unknown : `${unknown}, must be one of: ${fields.join(", ")}`;
}

export function formatMessage(value: unknown, format: string): string {
  // Base64 data is often secret.
  if (format === "byte") return `must be ${FORMAT_RULES.byte}`;
  return `got ${formatValue(value)}, must be ${FORMAT_RULES[format]}`;
}

export function enumMessage(value: unknown, allowed: readonly unknown[]): string {
  const didYouMean = typeof value === "string" ? suggestName(value, allowed.map(String)) : "";
  return `got ${formatValue(value)}, must be one of: ${allowed.map((each) => formatValue(each)).join(", ")}${didYouMean}`;
}

/** Checks a number of characters, items or fields. Returns undefined when it is within the bounds. */
export function boundsMessage(
  count: number,
  min: number | undefined,
  max: number | undefined,
  what: string,
): string | undefined {
  if (min !== undefined && count < min) return `must have at least ${min} ${what}${min === 1 ? "" : "s"}`;
  if (max !== undefined && count > max) return `must have at most ${max} ${what}${max === 1 ? "" : "s"}`;
  return undefined;
}

/** Messages for a value that violates `anyOf`, `oneOf` or `not`. */
export const COMBINATION_MESSAGES = {
  anyOf: "must match at least one of the allowed schemas",
  oneOf: "must match exactly one of the allowed schemas",
  not: "must not match the forbidden schema",
} as const;
