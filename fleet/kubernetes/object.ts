/** A Kubernetes object as plain JSON, without undefined fields. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    /** Absent if the API server generates it from `generateName`. */
    readonly name?: string;
    /** Prefix of a name that the API server generates. Only `kubectl create` accepts such an object. */
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Returns an object's name, or `backup-*` if the API server generates it from `backup-`. No name contains an asterisk. */
export function nameOf({ metadata: { name, generateName } }: Pick<KubeObject, "metadata">): string {
  return name || `${generateName ?? ""}*`;
}

/** The namespace of namespaced objects that name none. */
const DEFAULT_NAMESPACE = "default";

/** Namespaces that every cluster has. */
export const BUILT_IN_NAMESPACES: readonly string[] = [
  DEFAULT_NAMESPACE,
  "kube-system",
  "kube-public",
  "kube-node-lease",
];

/** Returns the namespace of a namespaced object. */
export const namespaceOf = ({ metadata }: Pick<KubeObject, "metadata">): string =>
  metadata.namespace || DEFAULT_NAMESPACE;

/** Returns the API group of an `apiVersion`: `apps` for `apps/v1`, and an empty string for `v1`, the core group. */
export const apiGroupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf("/")));

/**
 * Formats an object as `Kind namespace/name` (or `Kind name`). Unique in a cluster, except for objects whose names the API
 * server generates.
 */
export function objectId(object: KubeObject): string {
  const { namespace } = object.metadata;
  const name = nameOf(object);
  return `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
