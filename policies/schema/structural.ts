import type { Schema } from "./schema";
import { OBJECT_META } from "./strict";

/** A structural schema: the `openAPIV3Schema` of a version in a CustomResourceDefinition. */
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

/** Keywords without nested schemas that mean the same in JSON Schema. */
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
/** Keywords with lists of schemas that restrict values further. */
const COMBINED = ["allOf", "anyOf", "oneOf"] as const;

/** Fields of every object, which a definition need not declare. */
const OBJECT_FIELDS: Readonly<Record<string, Schema>> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { $ref: OBJECT_META },
};

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Converts the keywords that restrict a value, without those that declare fields. */
function convertValue(schema: Structural): Schema {
  const keywords = asRecord(schema);
  const plain = PLAIN.filter((keyword) => keywords[keyword] !== undefined).map((keyword) => [
    keyword,
    keywords[keyword],
  ]);
  // Every int-or-string field has the same anyOf, which its type covers.
  const combined = COMBINED.filter(
    (keyword) => Array.isArray(keywords[keyword]) && !(keyword === "anyOf" && schema["x-kubernetes-int-or-string"]),
  ).map((keyword) => [keyword, (keywords[keyword] as readonly Structural[]).map(convertRestriction)]);
  return {
    ...(Object.fromEntries([...plain, ...combined]) as Schema),
    ...(typeof keywords.not === "object" && { not: convertRestriction(keywords.not as Structural) }),
  };
}

/** Converts a schema within `allOf` and the like. It restricts values and does not declare fields. */
function convertRestriction(schema: Structural): Schema {
  const { properties, items, required, type } = schema;
  return {
    ...convertValue(schema),
    ...(type !== undefined && { type }),
    ...(required && { required }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, convertRestriction(each)]),
      ),
    }),
    ...(items && { items: convertRestriction(items) }),
  };
}

function convertFields(schema: Structural, isObject: boolean): Schema {
  const { properties = {}, additionalProperties, required = [] } = schema;
  // Kubernetes' schema of the fields of every object is more precise than the definition's.
  const declared = Object.entries(properties).filter(([name]) => !isObject || !Object.hasOwn(OBJECT_FIELDS, name));
  const converted = Object.fromEntries(declared.map(([name, each]) => [name, convert(each)]));
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true;
  return {
    properties: { ...converted, ...(isObject ? OBJECT_FIELDS : {}) },
    additionalProperties: isOpen || (typeof additionalProperties === "object" ? convert(additionalProperties) : false),
    // The API server applies defaults before it checks for required fields.
    required: required.filter((name) => properties[name]?.default === undefined),
  };
}

function convert(schema: Structural): Schema {
  const { nullable, ...value } = schema;
  if (nullable) return { ...convert(value), nullable };
  if (schema["x-kubernetes-int-or-string"]) return { ...convertValue(schema), type: ["integer", "string"] };
  const { type, items } = schema;
  if (type === undefined) return convertValue(schema);
  return {
    ...convertValue(schema),
    type,
    ...(type === "object" && convertFields(schema, schema["x-kubernetes-embedded-resource"] === true)),
    ...(items && { items: convert(items) }),
  };
}

/**
 * Converts the schema of a version in a CustomResourceDefinition into a strict schema. CEL rules and constraints between the
 * items of a list are left to the API server.
 */
export function customSchema(openAPIV3Schema: unknown): Schema {
  const root = asRecord(openAPIV3Schema) as Structural;
  return { ...convertValue(root), type: "object", ...convertFields(root, true) };
}
