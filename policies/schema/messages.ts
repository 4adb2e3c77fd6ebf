import type { ErrorObject } from "ajv";

import { pathText, shown, suggestion } from "../../fleet/problem";
import type { Violation } from "../rule";
import { FORMAT_RULES } from "./formats";

/** Problems of one object that are told one by one. */
const MOST = 50;

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

/** `/spec/containers/0/image` as the steps into the object that it leads through. */
function steps(object: unknown, pointer: string): PropertyKey[] {
  let value = object;
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(value) ? Number(name) : name;
      value = (value as Record<PropertyKey, unknown>)[step];
      return step;
    });
}

/** The definition that refused something, as people know it: `Container`. */
const nameOf = ({ parentSchema }: ErrorObject): string | undefined => parentSchema?.title as string | undefined;

function unknownField(error: ErrorObject, field: string): string {
  const { properties = {} } = error.parentSchema as { properties?: Readonly<Record<string, unknown>> };
  const known = Object.keys(properties).sort();
  const owner = nameOf(error);
  const what = owner === undefined ? "unknown field" : `unknown field of ${owner}`;
  const meant = suggestion(field, known);
  return meant === "" ? `${what}, known: ${known.join(", ") || "none"}` : `${what}${meant}`;
}

function message(error: ErrorObject): string {
  const { keyword, params, data, schema } = error as ErrorObject<string, Readonly<Record<string, unknown>>>;
  switch (keyword) {
    case "type":
      return `got ${typeOf(data)}, allowed is ${[params.type]
        .flat()
        .map((type) => TYPES[String(type)])
        .join(" or ")}`;
    case "format":
      // What is stored as base64 is often secret.
      if (params.format === "byte") return `is not ${FORMAT_RULES.byte}`;
      return `got ${shown(data)}, allowed is ${FORMAT_RULES[String(params.format)]}`;
    case "enum":
      return `got ${shown(data)}, allowed are ${(schema as readonly unknown[]).map((each) => shown(each)).join(", ")}${
        typeof data === "string" ? suggestion(data, (schema as readonly unknown[]).map(String)) : ""
      }`;
    case "pattern":
      return `has a form that its kind does not allow, which is ${String(params.pattern)}`;
    case "anyOf":
    case "oneOf":
      return "fits none of the forms that its kind allows, or several where one is allowed";
    case "not":
      return "has a form that its kind forbids";
    default:
      return error.message ?? keyword;
  }
}

/** Errors of a branch of `anyOf` and the like say only why that branch was not taken. */
const inBranch = ({ schemaPath, keyword }: ErrorObject): boolean =>
  keyword === "if" || /\/(anyOf|oneOf|not)\/./.test(schemaPath);

/** A status is the cluster's to write: what is missing in one that came along, the API server does not miss. */
const missedInStatus = ({ instancePath, keyword }: ErrorObject): boolean =>
  keyword === "required" && instancePath.startsWith("/status");

/** What a validator found in an object, each with its path, in a fixed order. */
export function violations(object: unknown, errors: readonly ErrorObject[]): Violation[] {
  const found = errors
    .filter((error) => !inBranch(error) && !missedInStatus(error))
    .map((error): Violation => {
      const path = steps(object, error.instancePath);
      const { additionalProperty, missingProperty } = error.params as Readonly<Record<string, string | undefined>>;
      if (additionalProperty !== undefined) {
        return { path: pathText([...path, additionalProperty]), message: unknownField(error, additionalProperty) };
      }
      if (missingProperty !== undefined) {
        const owner = nameOf(error);
        return { path: pathText([...path, missingProperty]), message: `missing${owner ? `: ${owner} needs it` : ""}` };
      }
      return { path: pathText(path), message: message(error) };
    });
  if (found.length <= MOST) return found;
  return [...found.slice(0, MOST), { path: "", message: `has ${found.length - MOST} more such problems` }];
}
