/** One Kubernetes object as plain JSON: no undefined fields, nothing that is filled in later. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    /** Absent where the API server completes `generateName`. */
    readonly name?: string;
    /** The beginning of a name that the API server completes. Only `kubectl create` takes such an object. */
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** An object's name, or `backup-*` where the API server completes `backup-`. No name contains an asterisk. */
export function nameOf({ metadata: { name, generateName } }: Pick<KubeObject, "metadata">): string {
  return name || `${generateName ?? ""}*`;
}

/**
 * `Kind namespace/name` (or `Kind name`): what errors call an object. It is unique in a cluster, except for objects whose
 * names the API server completes.
 */
export function objectId(object: KubeObject): string {
  const { namespace } = object.metadata;
  const name = nameOf(object);
  return `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
