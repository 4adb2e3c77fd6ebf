import { setTimeout as sleep } from "node:timers/promises";

import type { Operations } from "../dynamic";
import { ClusterApi } from "./cluster-api";
import { cordon, deletePods, drain, uncordon } from "./drain";
import { findOrderedRestore } from "./ordered-restore";
import {
  belongsTo,
  findAlive,
  findProblem,
  listMembers,
  readClusterUid,
  readNode,
  REMOVE_ANNOTATION,
  REMOVED_ANNOTATION,
} from "./server-nodes";

/** How long a new machine may take to boot and join, in ms. */
const JOIN_TIMEOUT_MS = 600_000;
/** How long the removal of an etcd member or of a Node may take, in ms. */
const REMOVAL_TIMEOUT_MS = 180_000;
const POLL_MS = 500;

interface Inputs {
  readonly cluster: string;
  /** Name of the server's Node. */
  readonly node: string;
  /** Identifies the server's machine. */
  readonly machine: string;
  /** Time limit for the drain, in seconds. */
  readonly drainTimeoutSeconds: number;
  readonly kubeconfig: string;
}

interface Outputs extends Inputs {
  readonly nodeUid: string;
  /** UID of namespace kube-system. */
  readonly clusterUid: string;
}

/** Inputs whose change means another server. */
const REPLACING_INPUTS = ["cluster", "node", "machine"] as const;
const UPDATING_INPUTS = ["drainTimeoutSeconds", "kubeconfig"] as const;

/** Calls `look` until it returns no problem. */
async function waitUntil(what: string, timeoutMs: number, look: () => Promise<string | undefined>): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(POLL_MS)) {
    const problem = await look();
    if (problem === undefined) return;
    if (Date.now() > deadline) throw new Error(`${what} within ${timeoutMs / 1000} s: ${problem}`);
  }
}

/**
 * Deletes the Node of an earlier machine with the name of a server, and thereby its etcd member and its node password, with which
 * K3s would reject the server. In a restored cluster, such a Node is from the snapshot, and its machine no longer exists.
 *
 * @throws Error if the earlier machine still answers
 */
export async function forgetPredecessor(api: ClusterApi, { cluster, node, machine }: Inputs): Promise<void> {
  const found = await readNode(api, node);
  if (found === undefined || belongsTo(found, machine)) return;
  if (findOrderedRestore(cluster) === undefined && (await findAlive(api, [node])).has(node)) {
    throw new Error(
      `Node ${node} of cluster ${cluster} belongs to another machine (${found.spec!.providerID}), which still answers: delete it first`,
    );
  }
  const preconditions = { uid: found.metadata!.uid };
  await api.send("DELETE", `/api/v1/nodes/${node}`, { apiVersion: "v1", kind: "DeleteOptions", preconditions });
  await waitUntil(`Node ${node} of an earlier machine was not deleted`, REMOVAL_TIMEOUT_MS, async () =>
    (await readNode(api, node))?.metadata?.uid === preconditions.uid ? "it still exists" : undefined,
  );
}

/** Waits until the server is Ready and votes in etcd, and all servers behind the address belong to one cluster. */
async function join(inputs: Inputs): Promise<Outputs> {
  // The first server of a cluster boots in the meantime.
  const api = new ClusterApi(inputs.kubeconfig, JOIN_TIMEOUT_MS);
  try {
    const { cluster, node } = inputs;
    let nodeUid = "";
    await forgetPredecessor(api, inputs);
    await waitUntil(`server ${node} of cluster ${cluster} did not join`, JOIN_TIMEOUT_MS, async () => {
      const found = await readNode(api, node);
      nodeUid = found?.metadata?.uid ?? "";
      if (found === undefined) return "its Node does not exist; see the log of the machine";
      return belongsTo(found, inputs.machine) ? findProblem(found) : "its Node belongs to another machine";
    });
    return { ...inputs, nodeUid, clusterUid: await readClusterUid(api) };
  } finally {
    await api.close();
  }
}

/** The state of a server that is about to leave. */
interface Departure {
  /** Why its cluster would lose data or its quorum. Undefined if it would not. */
  readonly risk: string | undefined;
  /** Whether its machine answers. */
  readonly alive: boolean;
}

/** Checks that a cluster works without a server. */
export async function findRisk(
  api: ClusterApi,
  { cluster, node }: Pick<Inputs, "cluster" | "node">,
): Promise<Departure> {
  const members = await listMembers(api);
  const others = members.filter(({ metadata }) => metadata!.name !== node);
  if (others.length === 0) {
    return { risk: `it is the only server of cluster ${cluster}, whose data would be lost`, alive: true };
  }
  const names = others.map(({ metadata }) => metadata!.name!);
  const alive = await findAlive(api, [...names, node]);
  const problems = others.flatMap((other, index) => {
    const name = names[index]!;
    const problem = findProblem(other) ?? (alive.has(name) ? undefined : "its machine does not answer");
    return problem === undefined ? [] : [`  ${name}: ${problem}`];
  });
  const risk =
    problems.length > 0 ? `other servers of cluster ${cluster} do not work:\n${problems.join("\n")}` : undefined;
  return { risk, alive: alive.has(node) };
}

/** Removes a server from its cluster while it works: drains it, and removes its etcd member and its Node. */
async function leave({ cluster, node, nodeUid, drainTimeoutSeconds, kubeconfig }: Outputs): Promise<void> {
  // The cluster is replaced by a snapshot. It may have lost its quorum, and none of its servers stays.
  if (findOrderedRestore(cluster) !== undefined) return;
  const api = new ClusterApi(kubeconfig);
  try {
    const found = await readNode(api, node);
    // Another machine may have registered a Node with this name.
    if (found?.metadata?.uid !== nodeUid) return;
    const { risk, alive } = await findRisk(api, { cluster, node });
    if (risk !== undefined) throw new Error(`server ${node} was not removed: ${risk}`);
    const path = `/api/v1/nodes/${node}`;
    // Nothing can be evicted from a machine that does not answer. The deletion of its Node removes its etcd member.
    const working = alive && findProblem(found) === undefined;
    if (working) {
      try {
        await cordon(api, node);
        await drain(api, node, drainTimeoutSeconds);
        await api.patch(path, { metadata: { annotations: { [REMOVE_ANNOTATION]: "true" } } });
        await waitUntil(`the etcd member of server ${node} was not removed`, REMOVAL_TIMEOUT_MS, async () =>
          (await readNode(api, node))?.metadata?.annotations?.[REMOVED_ANNOTATION] === undefined
            ? `annotation ${REMOVED_ANNOTATION} is not set`
            : undefined,
        );
      } catch (error) {
        await api.patch(path, { metadata: { annotations: { [REMOVE_ANNOTATION]: null } } });
        await uncordon(api, node);
        throw error;
      }
    }
    await api.send("DELETE", path, { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: nodeUid } });
    await waitUntil(`Node ${node} was not deleted`, REMOVAL_TIMEOUT_MS, async () =>
      (await readNode(api, node))?.metadata?.uid === nodeUid ? "it still exists" : undefined,
    );
    if (!working) await deletePods(api, node);
  } finally {
    await api.close();
  }
}

/** Waits until a server has joined its cluster, and removes it from the cluster before its machine is deleted. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => {
    const replaces = REPLACING_INPUTS.filter((key) => olds[key] !== news[key]);
    const updates = UPDATING_INPUTS.filter((key) => olds[key] !== news[key]);
    return { changes: replaces.length + updates.length > 0, replaces, deleteBeforeReplace: true };
  },
  create: async (inputs) => ({ id: `${inputs.cluster}/${inputs.node}`, outs: await join(inputs) }),
  update: async (_id, olds, news) => ({ outs: { ...olds, ...news } }),
  delete: async (_id, outputs) => leave(outputs),
};
