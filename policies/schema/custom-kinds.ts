import { skerryDefinitions } from "../../fleet/kubernetes/definitions";
import type { KubeObject } from "../../fleet/kubernetes/object";

interface Version {
  readonly name?: string;
  readonly served?: boolean;
  readonly schema?: { readonly openAPIV3Schema?: unknown };
}

interface Definition extends KubeObject {
  readonly spec?: { readonly group?: string; readonly names?: { readonly kind?: string }; readonly versions?: unknown };
}

/**
 * Kinds that CustomResourceDefinitions among the objects define, as `skerry.dev/v1alpha1 NodePool`, with the schema of
 * each served version. Skerry's own are always among them, as every cluster has them.
 */
export function customKinds(objects: readonly KubeObject[]): ReadonlyMap<string, unknown> {
  const definitions = objects.filter(
    ({ apiVersion, kind }) => kind === "CustomResourceDefinition" && apiVersion === "apiextensions.k8s.io/v1",
  );
  return new Map(
    [...skerryDefinitions(), ...definitions].flatMap((definition) => {
      const { group, names, versions } = (definition as Definition).spec ?? {};
      // What is missing here is reported of the definition itself.
      if (group === undefined || names?.kind === undefined || !Array.isArray(versions)) return [];
      return (versions as readonly (Version | null)[])
        .flatMap((version) => (version === null || version.served === false ? [] : [version]))
        .map(({ name, schema }) => [`${group}/${name} ${names.kind}`, schema?.openAPIV3Schema] as const);
    }),
  );
}
