import { isDeepStrictEqual } from "node:util";

import { formatPath } from "../../fleet/problem";
import { linearExpression } from "./linear-expression";
import type { Violation } from "../engine/rule";
import { formats } from "./formats";
import {
  boundsMessage,
  COMBINATION_MESSAGES,
  enumMessage,
  formatMessage,
  typeMessage,
  unknownFieldMessage,
} from "./messages";
import type { Schema } from "./schema";

type Fields = Readonly<Record<string, unknown>>;

/** Maximum number of violations to report for one object. */
const MAX_VIOLATIONS = 50;

/**
 * Validates a value against a schema. Takes linear time, also for patterns.
 *
 * @param definition returns the schema that a `$ref` refers to
 */
export function validate(value: unknown, schema: Schema, definition: (name: string) => Schema): Violation[] {
  const validation = new Validation(definition);
  validation.check(value, schema);
  const { found, more } = validation;
  return more === 0 ? found : [...found, { path: "", message: `has ${more} more violations` }];
}

class Validation {
  readonly found: Violation[] = [];
  more = 0;
  private readonly steps: PropertyKey[] = [];

  constructor(private readonly definition: (name: string) => Schema) {}

  check(value: unknown, reference: Schema): void {
    const schema = reference.$ref === undefined ? reference : this.definition(reference.$ref);
    if (value === null && schema.nullable === true) return;
    if (schema.type !== undefined && !hasType(value, schema.type)) return this.add(typeMessage(value, schema.type));
    if (typeof value === "string") this.text(value, schema);
    else if (typeof value === "number") this.number(value, schema);
    else if (Array.isArray(value)) this.list(value, schema);
    else if (typeof value === "object" && value !== null) this.mapping(value as Fields, schema);
    if (schema.enum && !schema.enum.some((each) => isDeepStrictEqual(each, value))) {
      this.add(enumMessage(value, schema.enum));
    }
    this.combinations(value, schema);
  }

  private text(value: string, schema: Schema): void {
    this.format(value, schema);
    const { pattern, minLength, maxLength } = schema;
    // The API server rejects definitions whose pattern Go cannot compile.
    if (pattern !== undefined && linearExpression(pattern)?.test(value) === false) {
      this.add(`must match the pattern ${pattern}`);
    }
    if (minLength !== undefined || maxLength !== undefined) {
      this.bounds(countCharacters(value), minLength, maxLength, "character");
    }
  }

  private number(value: number, schema: Schema): void {
    this.format(value, schema);
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
      this.add(`got ${value}, must be ${exclusiveMinimum ? "greater than" : "at least"} ${minimum}`);
    }
    if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
      this.add(`got ${value}, must be ${exclusiveMaximum ? "less than" : "at most"} ${maximum}`);
    }
    if (multipleOf && !Number.isInteger(value / multipleOf))
      this.add(`got ${value}, must be a multiple of ${multipleOf}`);
  }

  private format(value: string | number, { format }: Schema): void {
    if (format === undefined || formats[format] === undefined) return;
    if (!formats[format](value)) this.add(formatMessage(value, format));
  }

  private list(value: readonly unknown[], { items, minItems, maxItems }: Schema): void {
    this.bounds(value.length, minItems, maxItems, "item");
    if (items) value.forEach((item, index) => this.inside(index, item, items));
  }

  private mapping(value: Fields, schema: Schema): void {
    const { properties, additionalProperties, required = [], minProperties, maxProperties } = schema;
    // JSON has no undefined.
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    this.bounds(keys.length, minProperties, maxProperties, "field");
    for (const name of required) {
      if (value[name] === undefined && !this.isStatus()) {
        this.add(`missing${schema.title === undefined ? "" : `: required by ${schema.title}`}`, name);
      }
    }
    for (const key of keys) {
      const field = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (field) this.inside(key, value[key], field);
      else if (additionalProperties === false) this.add(unknownFieldMessage(key, schema), key);
      else if (typeof additionalProperties === "object") this.inside(key, value[key], additionalProperties);
    }
  }

  /** Whether the value is in the status, which the API server ignores on creation. */
  private isStatus(): boolean {
    return this.steps[0] === "status";
  }

  private bounds(count: number, min: number | undefined, max: number | undefined, what: string): void {
    const message = boundsMessage(count, min, max, what);
    if (message !== undefined) this.add(message);
  }

  /** Checks combined schemas. Violations of single alternatives would mislead, so they are not reported. */
  private combinations(value: unknown, { allOf = [], anyOf, oneOf, not }: Schema): void {
    for (const each of allOf) this.check(value, each);
    const matches = (schema: Schema): boolean => validate(value, schema, this.definition).length === 0;
    if (anyOf && !anyOf.some(matches)) this.add(COMBINATION_MESSAGES.anyOf);
    if (oneOf && oneOf.filter(matches).length !== 1) this.add(COMBINATION_MESSAGES.oneOf);
    if (not && matches(not)) this.add(COMBINATION_MESSAGES.not);
  }

  private inside(step: PropertyKey, value: unknown, schema: Schema): void {
    this.steps.push(step);
    this.check(value, schema);
    this.steps.pop();
  }

  private add(message: string, ...further: PropertyKey[]): void {
    if (this.found.length < MAX_VIOLATIONS) this.found.push({ path: formatPath([...this.steps, ...further]), message });
    else this.more += 1;
  }
}

/** Counts characters as Go does: a surrogate pair is one character. */
function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count += 1;
  return count;
}

function hasType(value: unknown, type: string | readonly string[]): boolean {
  if (typeof type !== "string") return type.some((each) => hasType(value, each));
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}
