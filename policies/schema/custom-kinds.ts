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

/** Custom kinds such as `skerry.dev/v1alpha1 FleetNodePool`, each with the schema of its served version. */
export type CustomKinds = Pick<ReadonlyMap<string, unknown>, "has" | "get" | "keys">;

/** API group of Skerry's kinds, which every cluster has. Their definitions are loaded on demand. */
const OWN_GROUP = "skerry.dev/";

/** Returns Skerry's custom kinds, and those that the CustomResourceDefinitions among the objects define. */
export function customKinds(objects: readonly KubeObject[]): CustomKinds {
  const defined = kindsOf(
    objects.filter(
      ({ apiVersion, kind }) => kind === "CustomResourceDefinition" && apiVersion === "apiextensions.k8s.io/v1",
    ),
  );
  const kindsWith = (kind: string): ReadonlyMap<string, unknown> =>
    defined.has(kind) || !kind.startsWith(OWN_GROUP) ? defined : ownKinds();
  return {
    has: (kind) => kindsWith(kind).has(kind),
    get: (kind) => kindsWith(kind).get(kind),
    keys: () => new Map([...ownKinds(), ...defined]).keys(),
  };
}

let own: ReadonlyMap<string, unknown> | undefined;
const ownKinds = (): ReadonlyMap<string, unknown> => (own ??= kindsOf(skerryDefinitions()));

function kindsOf(definitions: readonly KubeObject[]): ReadonlyMap<string, unknown> {
  return new Map(
    definitions.flatMap((definition) => {
      const { group, names, versions } = (definition as Definition).spec ?? {};
      // Missing fields are violations of the definition itself.
      if (group === undefined || names?.kind === undefined || !Array.isArray(versions)) return [];
      return (versions as readonly (Version | null)[])
        .flatMap((version) => (version === null || version.served === false ? [] : [version]))
        .map(({ name, schema }) => [`${group}/${name} ${names.kind}`, schema?.openAPIV3Schema] as const);
    }),
  );
}
