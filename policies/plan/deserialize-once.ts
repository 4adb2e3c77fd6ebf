/** The module of `@pulumi/policy` that reads what the engine sends. */
export interface Deserializing {
  deserializeProperties(this: void, properties: object, keepSecrets: boolean): object;
}

/**
 * Has `@pulumi/policy` read the properties of a resource once instead of once for each policy. Each policy still gets them
 * behind a proxy of its own; those that keep their secrets go to remediations, which change them, and are read each time.
 */
export function deserializeOnce(module: Deserializing): void {
  const { deserializeProperties } = module;
  const read = new WeakMap<object, object>();
  module.deserializeProperties = (properties, keepSecrets) => {
    if (keepSecrets) return deserializeProperties(properties, keepSecrets);
    const known = read.get(properties) ?? deserializeProperties(properties, keepSecrets);
    read.set(properties, known);
    return known;
  };
}
