/**
 * What a value may be, in the words of JSON Schema that Kubernetes uses: for its own kinds those of OpenAPI, for custom
 * kinds those of a structural schema.
 */
export interface Schema {
  /** A definition of Kubernetes, by its name. */
  readonly $ref?: string;
  /** What messages call it: `Container`. */
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Of fields that are not stated: `false` refuses them. */
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
}
