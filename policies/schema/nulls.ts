import type { KubeObject } from "../../fleet/kubernetes/object";
import { type CustomKinds, customKinds } from "./custom-kinds";
import { kindOf } from "./unknown-kinds";
import { kubernetesSchema, knownMinors, minorOf } from "./versions";

/** What a schema says of null: OpenAPI's, as Kubernetes states its own kinds and as CustomResourceDefinitions do. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether null stands anywhere in a value, however deep it is. */
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
 * Objects as the API server decodes them: a field that is null is absent. In a mapping of free keys, and in a list, null
 * stands for the empty value (`data: {a: null}` is `data: {a: ""}`). Fields of a custom kind keep a null that its
 * definition allows (`nullable`). An object without null is given back as it is; others keep their places in the list.
 */
export function withoutNulls(objects: readonly KubeObject[], kubernetesVersion: string): readonly KubeObject[] {
  if (!objects.some(hasNull)) return objects;
  const decoder = new Decoder(kubernetesVersion, objects);
  return objects.map((object) => (hasNull(object) ? decoded(object, decoder) : object));
}

/** An object that is nested too deeply to be decoded is left as it is: the schema check says so. */
function decoded(object: KubeObject, decoder: Decoder): KubeObject {
  try {
    return decoder.object(object);
  } catch (error) {
    if (error instanceof RangeError) return object;
    throw error;
  }
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const QUANTITY = "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity";

/** The empty value of each type; of lists it is null itself. */
const EMPTY: Readonly<Record<string, unknown>> = { string: "", integer: 0, number: 0, boolean: false, object: {} };

class Decoder {
  private readonly kinds: Readonly<Record<string, string>>;
  private readonly definitions: Readonly<Record<string, Schema>>;
  private readonly custom: CustomKinds;

  constructor(kubernetesVersion: string, objects: readonly KubeObject[]) {
    const minor = minorOf(kubernetesVersion) ?? "";
    const known = knownMinors();
    // Versions differ in their fields, hardly ever in their types.
    const schema = kubernetesSchema(known.includes(minor) ? minor : known.at(-1)!);
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
    const decoded = this.custom.has(kind) ? custom(fields, schema) : unknown(fields);
    return { ...(decoded as object), metadata: this.builtIn(metadata, this.definitions[META]) } as KubeObject;
  }

  private builtIn(value: unknown, stated: Schema | undefined): unknown {
    if (typeof value !== "object" || value === null) return value;
    const schema = this.resolved(stated);
    if (schema === undefined) return unknown(value);
    if (Array.isArray(value)) return value.map((item: unknown) => this.element(item, schema.items));
    const of = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    if (of) return mapped(value as Fields, (each) => this.element(each, of));
    return mapped(value as Fields, (each, key) =>
      each === null ? undefined : this.builtIn(each, schema.properties?.[key]),
    );
  }

  private element(value: unknown, schema: Schema | undefined): unknown {
    if (value !== null) return this.builtIn(value, schema);
    if (schema?.$ref === QUANTITY) return "0";
    return EMPTY[this.resolved(schema)?.type ?? ""];
  }

  private resolved(schema: Schema | undefined): Schema | undefined {
    if (schema?.$ref === undefined) return schema;
    return this.definitions[schema.$ref.slice("#/definitions/".length)];
  }
}

/** A mapping with each value decoded; what is undefined is left out. */
function mapped(fields: Fields, decode: (value: unknown, key: string) => unknown): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .map(([key, value]) => [key, decode(value, key)] as const)
      .filter(([, value]) => value !== undefined),
  );
}

/** A field of a custom kind, as the API server prunes it (apiextensions' PruneNonNullableNullsWithoutDefaults). */
function custom(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => custom(item, schema?.items));
  return mapped(value as Fields, (each, key) => {
    const of = schema?.properties?.[key] ?? schema?.additionalProperties;
    const field = typeof of === "object" ? of : undefined;
    // Of a field that the definition does not state, the API server keeps null.
    return each === null && field !== undefined && field.nullable !== true ? undefined : custom(each, field);
  });
}

/** Of a kind that is not known, nothing says that null is more than an absent value. */
function unknown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unknown);
  return mapped(value as Fields, (each) => (each === null ? undefined : unknown(each)));
}
