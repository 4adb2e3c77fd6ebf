import type { KubeObject } from "../../fleet/kubernetes/object";
import { type CustomKinds, customKinds } from "./custom-kinds";
import { kindOf } from "./unknown-kinds";
import { kubernetesSchema, knownMinors, minorOf } from "./versions";

/** The part of an OpenAPI schema that decides how null is decoded. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value contains null at any depth. */
function hasNull(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const each = left.pop();
    if (each === null) return true;
    if (typeof each === "object") for (const key in each) left.push((each as Fields)[key]);
  }
  return false;
}

/**
 * Decodes null as the API server does. A field that is null is absent. In a map, and in a list, null is the empty value
 * (`data: {a: null}` is `data: {a: ""}`). Nullable fields of custom kinds keep null. Objects without null are returned
 * unchanged. The order of the objects is kept.
 */
export function withoutNulls(objects: readonly KubeObject[], kubernetesVersion: string): readonly KubeObject[] {
  if (!objects.some(hasNull)) return objects;
  const decoder = new Decoder(kubernetesVersion, objects);
  return objects.map((object) => (hasNull(object) ? decode(object, decoder) : object));
}

/** Decodes an object. Returns an object that is nested too deeply unchanged: the schema check reports it. */
function decode(object: KubeObject, decoder: Decoder): KubeObject {
  try {
    return decoder.object(object);
  } catch (error) {
    if (error instanceof RangeError) return object;
    throw error;
  }
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const QUANTITY = "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity";

/** The empty value of each type. The empty value of a list is null itself. */
const EMPTY: Readonly<Record<string, unknown>> = { string: "", integer: 0, number: 0, boolean: false, object: {} };

class Decoder {
  private readonly kinds: Readonly<Record<string, string>>;
  private readonly definitions: Readonly<Record<string, Schema>>;
  private readonly custom: CustomKinds;

  constructor(kubernetesVersion: string, objects: readonly KubeObject[]) {
    const minor = minorOf(kubernetesVersion) ?? "";
    const minors = knownMinors();
    // For other versions the newest schema is used: types hardly ever change between versions.
    const schema = kubernetesSchema(minors.includes(minor) ? minor : minors.at(-1)!);
    this.kinds = schema.kinds;
    this.definitions = schema.definitions;
    this.custom = customKinds(objects);
  }

  object(object: KubeObject): KubeObject {
    const kind = kindOf(object);
    const definition = this.kinds[kind];
    if (definition !== undefined) return this.builtIn(object, this.definitions[definition]) as KubeObject;
    const { metadata, ...fields } = object;
    const schema = this.custom.get(kind) as Schema | undefined;
    const decodedFields = this.custom.has(kind) ? decodeCustom(fields, schema) : decodeUnknown(fields);
    return { ...(decodedFields as object), metadata: this.builtIn(metadata, this.definitions[META]) } as KubeObject;
  }

  private builtIn(value: unknown, reference: Schema | undefined): unknown {
    if (typeof value !== "object" || value === null) return value;
    const schema = this.resolve(reference);
    if (schema === undefined) return decodeUnknown(value);
    if (Array.isArray(value)) return value.map((item: unknown) => this.element(item, schema.items));
    const valueSchema = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    if (valueSchema) return mapFields(value as Fields, (each) => this.element(each, valueSchema));
    return mapFields(value as Fields, (each, key) =>
      each === null ? undefined : this.builtIn(each, schema.properties?.[key]),
    );
  }

  private element(value: unknown, schema: Schema | undefined): unknown {
    if (value !== null) return this.builtIn(value, schema);
    if (schema?.$ref === QUANTITY) return "0";
    return EMPTY[this.resolve(schema)?.type ?? ""];
  }

  private resolve(schema: Schema | undefined): Schema | undefined {
    if (schema?.$ref === undefined) return schema;
    return this.definitions[schema.$ref.slice("#/definitions/".length)];
  }
}

/** Maps the values of a mapping and removes those that become undefined. */
function mapFields(fields: Fields, decode: (value: unknown, key: string) => unknown): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .map(([key, value]) => [key, decode(value, key)] as const)
      .filter(([, value]) => value !== undefined),
  );
}

/** Prunes null in a custom object as the API server does (apiextensions' PruneNonNullableNullsWithoutDefaults). */
function decodeCustom(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => decodeCustom(item, schema?.items));
  return mapFields(value as Fields, (each, key) => {
    const declared = schema?.properties?.[key] ?? schema?.additionalProperties;
    const field = typeof declared === "object" ? declared : undefined;
    // The API server keeps null in fields that the definition does not declare.
    return each === null && field !== undefined && field.nullable !== true ? undefined : decodeCustom(each, field);
  });
}

/** Removes null from an object of unknown kind. */
function decodeUnknown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeUnknown);
  return mapFields(value as Fields, (each) => (each === null ? undefined : decodeUnknown(each)));
}
