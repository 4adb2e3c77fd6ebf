/** The module of `@pulumi/policy` that reads the properties that the engine sends. */
export interface DeserializeModule {
  deserializeProperties(this: void, properties: object, keepSecrets: boolean): object;
}

/**
 * Makes `@pulumi/policy` read the properties of a resource once instead of once per policy. Each policy still gets its own
 * proxy for them. Properties that keep their secrets are passed to remediations, which change them, and are read every time.
 */
export function deserializeOnce(module: DeserializeModule): void {
  const { deserializeProperties } = module;
  const cache = new WeakMap<object, object>();
  module.deserializeProperties = (properties, keepSecrets) => {
    if (keepSecrets) return deserializeProperties(properties, keepSecrets);
    const cached = cache.get(properties) ?? deserializeProperties(properties, keepSecrets);
    cache.set(properties, cached);
    return cached;
  };
}
