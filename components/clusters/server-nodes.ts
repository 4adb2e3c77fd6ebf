import { setTimeout as sleep } from "node:timers/promises";

import type { V1Lease, V1Node } from "@kubernetes/client-node";

import type { ClusterApi } from "./cluster-api";

/** Label of K3s on the Nodes of servers with an etcd member. */
const ETCD_LABEL = "node-role.kubernetes.io/etcd";

/** Annotations of K3s that remove the etcd member of a server: the request, and the name of the removed member. */
export const REMOVE_ANNOTATION = "etcd.k3s.cattle.io/remove";
export const REMOVED_ANNOTATION = "etcd.k3s.cattle.io/removed-node-name";

/** Duration of a node's lease if it has none yet, in seconds. */
const LEASE_SECONDS = 40;
const POLL_MS = 500;

/** Number of connections that are compared. A load balancer gives each to another server. */
const CONNECTIONS = 6;

const isTrue = ({ status }: V1Node, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;

/** Whether the etcd member of a server has been removed. */
export const isRemoved = ({ metadata }: V1Node): boolean => metadata?.annotations?.[REMOVED_ANNOTATION] !== undefined;

export const readNode = (api: ClusterApi, name: string): Promise<V1Node | undefined> =>
  api.get<V1Node>(`/api/v1/nodes/${name}`);

/**
 * Whether a Node belongs to a machine, and not to an earlier one with the same name: the last segment of its provider id is the
 * machine's id. Nodes without a provider id belong to any machine.
 */
export function belongsTo({ spec }: V1Node, machine: string): boolean {
  const providerId = spec?.providerID ?? "";
  return providerId === "" || providerId.split("/").at(-1) === machine;
}

/** Returns why a server is not a working member of the quorum. Undefined if it is one. */
export function findProblem(node: V1Node): string | undefined {
  if (node.metadata?.deletionTimestamp !== undefined) return "its Node is being deleted";
  if (isRemoved(node)) return "its etcd member was removed";
  if (!isTrue(node, "Ready")) return "its Node is not Ready";
  if (!isTrue(node, "EtcdIsVoter")) return "its etcd member does not vote";
  return undefined;
}

/** Returns the Nodes of all servers whose etcd members have not been removed. */
export async function listMembers(api: ClusterApi): Promise<V1Node[]> {
  const list = await api.get<{ items: V1Node[] }>(`/api/v1/nodes?labelSelector=${encodeURIComponent(ETCD_LABEL)}`);
  return (list?.items ?? []).filter((node) => !isRemoved(node));
}

const readLease = (api: ClusterApi, node: string): Promise<V1Lease | undefined> =>
  api.get<V1Lease>(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`);

/**
 * Returns the names of the nodes that renew their leases. A node stays Ready for up to a minute after its machine has died, and
 * clocks differ, so this waits for the next renewal of each lease, which takes a quarter of its duration.
 */
export async function findAlive(api: ClusterApi, nodes: readonly string[]): Promise<Set<string>> {
  const first = new Map(await Promise.all(nodes.map(async (node) => [node, await readLease(api, node)] as const)));
  const seconds = Math.max(...nodes.map((node) => first.get(node)?.spec?.leaseDurationSeconds ?? LEASE_SECONDS));
  const alive = new Set<string>();
  for (const deadline = Date.now() + seconds * 500; alive.size < nodes.length; await sleep(POLL_MS)) {
    for (const node of nodes.filter((each) => !alive.has(each))) {
      const renewed = (await readLease(api, node))?.spec?.renewTime;
      if (renewed !== undefined && renewed !== first.get(node)?.spec?.renewTime) alive.add(node);
    }
    if (Date.now() > deadline) break;
  }
  return alive;
}

/**
 * Returns the UID of namespace kube-system, which identifies a cluster.
 *
 * @throws Error if servers behind the address report different ones: one of them has started a cluster of its own
 */
export async function readClusterUid(api: ClusterApi): Promise<string> {
  const uids = new Set<string>();
  for (let connection = 0; connection < CONNECTIONS; connection += 1) {
    const namespace = await api.get<{ metadata: { uid: string } }>("/api/v1/namespaces/kube-system");
    if (namespace !== undefined) uids.add(namespace.metadata.uid);
  }
  if (uids.size === 1) return [...uids][0]!;
  throw new Error(
    uids.size === 0
      ? "namespace kube-system does not exist"
      : `the servers report different clusters (UIDs of namespace kube-system: ${[...uids].join(", ")}): a server has started a cluster of its own, and must be deleted`,
  );
}
