import type { Schema } from "./schema";
import { OBJECT_META } from "./strict";

/** What a CustomResourceDefinition says of one version of its kind (`openAPIV3Schema`, a structural schema). */
interface Structural {
  readonly type?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Structural>>;
  readonly items?: Structural;
  readonly additionalProperties?: Structural | boolean;
  readonly pattern?: string;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
}

/** Keywords that mean in JSON Schema what they mean here, and have no schemas inside. */
const PLAIN = [
  "enum",
  "format",
  "maximum",
  "minimum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "multipleOf",
  "pattern",
  "maxLength",
  "minLength",
  "maxItems",
  "minItems",
  "maxProperties",
  "minProperties",
] as const;
/** Keywords with lists of schemas that add to what the fields around them say. */
const COMBINED = ["allOf", "anyOf", "oneOf"] as const;

/** Fields that every object has, and a definition need not state. */
const OBJECT_FIELDS: Readonly<Record<string, Schema>> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { $ref: OBJECT_META },
};

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Bounds of a value, without what fields it has. */
function bounds(schema: Structural): Schema {
  const stated = record(schema);
  const plain = PLAIN.filter((keyword) => stated[keyword] !== undefined).map((keyword) => [keyword, stated[keyword]]);
  // The same two words for what may be text or a whole number are in every such definition.
  const combined = COMBINED.filter(
    (keyword) => Array.isArray(stated[keyword]) && !(keyword === "anyOf" && schema["x-kubernetes-int-or-string"]),
  ).map((keyword) => [keyword, (stated[keyword] as readonly Structural[]).map(valueRules)]);
  return {
    ...(Object.fromEntries([...plain, ...combined]) as Schema),
    ...(typeof stated.not === "object" && { not: valueRules(stated.not as Structural) }),
  };
}

/** A schema inside `allOf` and the like: it bounds values, and gives no fields. */
function valueRules(schema: Structural): Schema {
  const { properties, items, required, type } = schema;
  return {
    ...bounds(schema),
    ...(type !== undefined && { type }),
    ...(required && { required }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, valueRules(each)])),
    }),
    ...(items && { items: valueRules(items) }),
  };
}

function fields(schema: Structural, isObject: boolean): Schema {
  const { properties = {}, additionalProperties, required = [] } = schema;
  const known = { ...properties };
  // Whole objects bring fields of their own, which the definition may say less of than Kubernetes does.
  if (isObject) for (const name of Object.keys(OBJECT_FIELDS)) delete (known as Record<string, unknown>)[name];
  const own = Object.fromEntries(Object.entries(known).map(([name, each]) => [name, structural(each)]));
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true;
  return {
    properties: { ...own, ...(isObject ? OBJECT_FIELDS : {}) },
    additionalProperties: open || (typeof additionalProperties === "object" ? structural(additionalProperties) : false),
    // The API server fills in defaults before it looks for what is missing.
    required: required.filter((name) => properties[name]?.default === undefined),
  };
}

function structural(schema: Structural): Schema {
  const { nullable, ...value } = schema;
  if (nullable) return { ...structural(value), nullable };
  if (schema["x-kubernetes-int-or-string"]) return { ...bounds(schema), type: ["integer", "string"] };
  const { type, items } = schema;
  if (type === undefined) return bounds(schema);
  return {
    ...bounds(schema),
    type,
    ...(type === "object" && fields(schema, schema["x-kubernetes-embedded-resource"] === true)),
    ...(items && { items: structural(items) }),
  };
}

/**
 * What objects of a CustomResourceDefinition's version must look like, strict. Rules in CEL, and those between the items
 * of a list, are left to the API server.
 */
export function customSchema(openAPIV3Schema: unknown): Schema {
  const root = record(openAPIV3Schema) as Structural;
  return { ...bounds(root), type: "object", ...fields(root, true) };
}
