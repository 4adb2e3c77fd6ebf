import type { CoreV1Api, V1ConfigMap } from "@kubernetes/client-node";

/** The stack that manages an existing cluster. The cluster itself records it, in a ConfigMap. */
export interface ClusterOwner {
  /** Identifies the owner, whatever its stack is named. It is in the state of the stack. */
  readonly id: string;
  /** Name of the stack, for messages, such as `my-fleet/production`. */
  readonly stack: string;
}

/** The API requests that the record needs. */
export type OwnerApi = Pick<
  CoreV1Api,
  "createNamespacedConfigMap" | "deleteNamespacedConfigMap" | "readNamespacedConfigMap" | "replaceNamespacedConfigMap"
>;

/** The record is in a namespace that every cluster has. */
export const OWNER_RECORD = { namespace: "kube-system", name: "skerry-owner" } as const;

const statusOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

const toConfigMap = ({ id, stack }: ClusterOwner, resourceVersion?: string): V1ConfigMap => ({
  metadata: {
    ...OWNER_RECORD,
    labels: { "app.kubernetes.io/managed-by": "skerry" },
    ...(resourceVersion !== undefined && { resourceVersion }),
  },
  data: { id, stack },
});

const toOwner = ({ data: { id = "", stack = "" } = {} }: V1ConfigMap): ClusterOwner => ({ id, stack });

async function readRecord(api: Pick<OwnerApi, "readNamespacedConfigMap">): Promise<V1ConfigMap | undefined> {
  try {
    return await api.readNamespacedConfigMap(OWNER_RECORD);
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Returns the owner that a cluster records. Undefined if it records none. */
export async function readOwner(api: Pick<OwnerApi, "readNamespacedConfigMap">): Promise<ClusterOwner | undefined> {
  const record = await readRecord(api);
  return record && toOwner(record);
}

/** Says that a cluster belongs to another stack, and what to do. */
export const describeOwner = (cluster: string, { stack }: ClusterOwner): string =>
  `cluster ${cluster} is managed by stack ${stack}: each of two stacks would delete what the other needs. Destroy that stack, or move ` +
  `the cluster from it with skerry move. If its state is lost, delete ConfigMap ${OWNER_RECORD.namespace}/${OWNER_RECORD.name} in the cluster`;

/**
 * Records the owner of a cluster. The API server creates a record once only, so that one of two stacks fails.
 *
 * @throws Error if another stack is recorded
 */
export async function recordOwner(api: OwnerApi, cluster: string, owner: ClusterOwner): Promise<void> {
  try {
    await api.createNamespacedConfigMap({ namespace: OWNER_RECORD.namespace, body: toConfigMap(owner) });
    return;
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
  const record = await readRecord(api);
  // Deleted in between: the next attempt creates it.
  if (!record) throw new Error(`ConfigMap ${OWNER_RECORD.namespace}/${OWNER_RECORD.name} is being changed: try again`);
  const recorded = toOwner(record);
  if (recorded.id !== owner.id) throw new Error(describeOwner(cluster, recorded));
  if (recorded.stack === owner.stack) return;
  await api.replaceNamespacedConfigMap({
    ...OWNER_RECORD,
    body: toConfigMap(owner, record.metadata?.resourceVersion),
  });
}

/** Deletes the record of an owner. A record of another owner stays. */
export async function forgetOwner(api: OwnerApi, { id }: ClusterOwner): Promise<void> {
  const record = await readRecord(api);
  if (!record || toOwner(record).id !== id) return;
  const { uid, resourceVersion } = record.metadata ?? {};
  const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  await api.deleteNamespacedConfigMap({ ...OWNER_RECORD, body: { preconditions } });
}
