import type { SchemaObject } from "ajv";

import type { KubernetesSchema } from "./versions";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

/** Where a schema that holds all definitions of a version keeps one of them. */
export const definitionRef = (name: string): string => `kubernetes#/definitions/${name}`;
export const OBJECT_META = definitionRef(`${META}.ObjectMeta`);

/** Text or a number, as the API server reads it: `cpu: 2` is a quantity too. */
const QUANTITY: SchemaObject = { type: ["string", "number"], format: "quantity" };

/** What OpenAPI's second version cannot say, and the API server holds to. */
const REFINED: Readonly<Record<string, SchemaObject>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": QUANTITY,
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["integer", "string"] },
  // A list of schemas, which the type has room for, is refused in the definitions of this version.
  [`${CRD}.JSONSchemaPropsOrArray`]: { $ref: definitionRef(`${CRD}.JSONSchemaProps`) },
  [`${CRD}.JSONSchemaPropsOrBool`]: {
    if: { type: "boolean" },
    then: true,
    else: { $ref: definitionRef(`${CRD}.JSONSchemaProps`) },
  },
};

/** A definition as JSON Schema in which a field that is not stated is refused. */
function strict(definition: SchemaObject): SchemaObject {
  const { $ref, properties, items, additionalProperties, ...rest } = definition as {
    readonly $ref?: string;
    readonly properties?: Readonly<Record<string, SchemaObject>>;
    readonly items?: SchemaObject;
    readonly additionalProperties?: SchemaObject | boolean;
  };
  if ($ref !== undefined) return { $ref: `kubernetes${$ref}` };
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, strict(each)])),
      additionalProperties: false,
    }),
    ...(items && { items: strict(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: strict(additionalProperties) }),
  };
}

/** All definitions of a version, strict, as one schema: {@link definitionRef} leads into it. */
export function strictSchema({ definitions }: KubernetesSchema): SchemaObject {
  return {
    $id: "kubernetes",
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [
        name,
        // The title is what messages call it.
        REFINED[name] ?? { title: name.split(".").at(-1), ...strict(definition) },
      ]),
    ),
  };
}
