import type { Schema } from "./schema";
import type { KubernetesSchema } from "./versions";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

export const OBJECT_META = `${META}.ObjectMeta`;

const PREFIX = "#/definitions/";

/** Definitions that OpenAPI 2.0 cannot express as the API server enforces them. */
const REFINED: Readonly<Record<string, Schema>> = {
  // The API server accepts numbers too: `cpu: 2`.
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: ["string", "number"], format: "quantity" },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["integer", "string"] },
  // The type also allows a list of schemas, but the API server rejects lists in apiextensions.k8s.io/v1.
  [`${CRD}.JSONSchemaPropsOrArray`]: { $ref: `${CRD}.JSONSchemaProps` },
};

const OR_BOOLEAN = `${CRD}.JSONSchemaPropsOrBool`;

/** Converts a definition into a schema that rejects unknown fields. */
function toStrict(definition: Readonly<Record<string, unknown>>): Schema {
  const { $ref, properties, items, additionalProperties, ...rest } = definition as Schema;
  if ($ref !== undefined) return { $ref: $ref.slice(PREFIX.length) };
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, toStrict({ ...each })])),
      additionalProperties: false,
    }),
    ...(items && { items: toStrict({ ...items }) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: toStrict({ ...additionalProperties }) }),
  };
}

/** The definitions of a version as strict schemas. Schemas are created on demand and cached. */
export class StrictDefinitions {
  private readonly cache = new Map<string, Schema>();

  constructor(private readonly definitions: KubernetesSchema["definitions"]) {}

  get(name: string): Schema {
    const cached = this.cache.get(name);
    if (cached) return cached;
    const schema = this.create(name);
    this.cache.set(name, schema);
    return schema;
  }

  private create(name: string): Schema {
    if (name === OR_BOOLEAN) {
      const { title, ...schema } = this.get(`${CRD}.JSONSchemaProps`);
      return { ...(title !== undefined && { title }), ...schema, type: ["object", "boolean"] };
    }
    return REFINED[name] ?? { title: name.split(".").at(-1)!, ...toStrict(this.definitions[name] ?? {}) };
  }
}
