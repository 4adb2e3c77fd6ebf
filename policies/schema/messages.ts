import { formatValue, suggestName } from "../../fleet/problem";
import { FORMAT_RULES } from "./formats";
import type { Schema } from "./schema";

/** Types of JSON, for people. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "a mapping",
  array: "a list",
  null: "null",
};

/** What something is, and not what it says, which may be a secret. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return value === null ? "null" : "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a fraction";
  return typeof value === "boolean" ? "a truth value" : "a mapping";
}

export function typeMessage(value: unknown, type: string | readonly string[]): string {
  return `got ${typeOf(value)}, allowed is ${[type]
    .flat()
    .map((each) => TYPES[each] ?? each)
    .join(" or ")}`;
}

export function unknownField(field: string, { title, properties = {} }: Schema): string {
  const known = Object.keys(properties).sort();
  const what = title === undefined ? "unknown field" : `unknown field of ${title}`;
  const meant = suggestName(field, known);
  return meant === "" ? `${what}, known: ${known.join(", ") || "none"}` : `${what}${meant}`;
}

export function formatMessage(value: unknown, format: string): string {
  // What is stored as base64 is often secret.
  if (format === "byte") return `is not ${FORMAT_RULES.byte}`;
  return `got ${formatValue(value)}, allowed is ${FORMAT_RULES[format]}`;
}

export function enumMessage(value: unknown, allowed: readonly unknown[]): string {
  const meant = typeof value === "string" ? suggestName(value, allowed.map(String)) : "";
  return `got ${formatValue(value)}, allowed are ${allowed.map((each) => formatValue(each)).join(", ")}${meant}`;
}

/** What is wrong with a number of letters, items or fields; undefined when nothing is. */
export function boundsMessage(
  count: number,
  least: number | undefined,
  most: number | undefined,
  what: string,
): string | undefined {
  if (least !== undefined && count < least) return `must have at least ${least} ${what}${least === 1 ? "" : "s"}`;
  if (most !== undefined && count > most) return `must have at most ${most} ${what}${most === 1 ? "" : "s"}`;
  return undefined;
}

export function combinedMessage(what: "fits none" | "is forbidden"): string {
  return what === "fits none"
    ? "fits none of the forms that its kind allows, or several where one is allowed"
    : "has a form that its kind forbids";
}
