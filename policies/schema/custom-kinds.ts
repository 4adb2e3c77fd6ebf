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

/** Custom kinds, as `skerry.dev/v1alpha1 FleetNodePool`, with the schema of each served version. */
export type CustomKinds = Pick<ReadonlyMap<string, unknown>, "has" | "get" | "keys">;

/** Skerry's own, which every cluster has. Most inputs have none of them, and their definitions are large. */
const OWN_GROUP = "skerry.dev/";

/** Kinds that CustomResourceDefinitions among the objects define, and Skerry's own. */
export function customKinds(objects: readonly KubeObject[]): CustomKinds {
  const defined = kindsOf(
    objects.filter(
      ({ apiVersion, kind }) => kind === "CustomResourceDefinition" && apiVersion === "apiextensions.k8s.io/v1",
    ),
  );
  const among = (kind: string): ReadonlyMap<string, unknown> =>
    defined.has(kind) || !kind.startsWith(OWN_GROUP) ? defined : ownKinds();
  return {
    has: (kind) => among(kind).has(kind),
    get: (kind) => among(kind).get(kind),
    keys: () => new Map([...ownKinds(), ...defined]).keys(),
  };
}

let own: ReadonlyMap<string, unknown> | undefined;
const ownKinds = (): ReadonlyMap<string, unknown> => (own ??= kindsOf(skerryDefinitions()));

function kindsOf(definitions: readonly KubeObject[]): ReadonlyMap<string, unknown> {
  return new Map(
    definitions.flatMap((definition) => {
      const { group, names, versions } = (definition as Definition).spec ?? {};
      // What is missing here is reported of the definition itself.
      if (group === undefined || names?.kind === undefined || !Array.isArray(versions)) return [];
      return (versions as readonly (Version | null)[])
        .flatMap((version) => (version === null || version.served === false ? [] : [version]))
        .map(({ name, schema }) => [`${group}/${name} ${names.kind}`, schema?.openAPIV3Schema] as const);
    }),
  );
}
