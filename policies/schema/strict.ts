import type { Schema } from "./schema";
import type { KubernetesSchema } from "./versions";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

export const OBJECT_META = `${META}.ObjectMeta`;

const PREFIX = "#/definitions/";

/** What OpenAPI's second version cannot say, and the API server holds to. */
const REFINED: Readonly<Record<string, Schema>> = {
  // Text or a number, as the API server reads it: `cpu: 2` is a quantity too.
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: ["string", "number"], format: "quantity" },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["integer", "string"] },
  // A list of schemas, which the type has room for, is refused in the definitions of this version.
  [`${CRD}.JSONSchemaPropsOrArray`]: { $ref: `${CRD}.JSONSchemaProps` },
};

const OR_BOOLEAN = `${CRD}.JSONSchemaPropsOrBool`;

/** A definition as a schema in which a field that is not stated is refused. */
function strict(definition: Readonly<Record<string, unknown>>): Schema {
  const { $ref, properties, items, additionalProperties, ...rest } = definition as Schema;
  if ($ref !== undefined) return { $ref: $ref.slice(PREFIX.length) };
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, strict({ ...each })])),
      additionalProperties: false,
    }),
    ...(items && { items: strict({ ...items }) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: strict({ ...additionalProperties }) }),
  };
}

/** The definitions of a version as strict schemas, each made when it is first asked for. */
export class StrictDefinitions {
  private readonly made = new Map<string, Schema>();

  constructor(private readonly definitions: KubernetesSchema["definitions"]) {}

  get(name: string): Schema {
    const known = this.made.get(name);
    if (known) return known;
    const schema = this.make(name);
    this.made.set(name, schema);
    return schema;
  }

  private make(name: string): Schema {
    if (name === OR_BOOLEAN) {
      const { title, ...schema } = this.get(`${CRD}.JSONSchemaProps`);
      return { ...(title !== undefined && { title }), ...schema, type: ["object", "boolean"] };
    }
    // The title is what messages call it.
    return REFINED[name] ?? { title: name.split(".").at(-1)!, ...strict(this.definitions[name] ?? {}) };
  }
}
