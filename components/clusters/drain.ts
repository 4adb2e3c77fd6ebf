import { setTimeout as sleep } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";

import { type Answer, type ClusterApi, messageOf } from "./cluster-api";

const RETRY_MS = 1_000;

const patchNode = (api: ClusterApi, node: string, unschedulable: boolean): Promise<Answer> =>
  api.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: unschedulable || null } });

/** Marks a node as unschedulable. */
export const cordon = (api: ClusterApi, node: string): Promise<Answer> => patchNode(api, node, true);

/** Marks a node as schedulable. */
export const uncordon = (api: ClusterApi, node: string): Promise<Answer> => patchNode(api, node, false);

/** Whether a drain leaves a pod: a DaemonSet would create it again, and a static pod ends with its machine. */
const stays = ({ metadata }: V1Pod): boolean =>
  metadata?.ownerReferences?.some(({ kind, controller }) => kind === "DaemonSet" && controller === true) === true ||
  metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined;

/**
 * Evicts the pods of a node and waits until they are gone, as `kubectl drain --ignore-daemonsets` does. Evictions respect
 * PodDisruptionBudgets.
 *
 * @throws Error that names the remaining pods and why they were not evicted, if the drain takes longer than the timeout
 */
export async function drain(api: ClusterApi, node: string, timeoutSeconds: number): Promise<void> {
  for (const deadline = Date.now() + timeoutSeconds * 1000; ; await sleep(RETRY_MS)) {
    const pods = (await listPods(api, node)).filter((pod) => !stays(pod));
    if (pods.length === 0) return;
    const refusals = await Promise.all(pods.map((pod) => evict(api, pod)));
    if (Date.now() > deadline) {
      const remaining = pods.map(
        ({ metadata }, index) =>
          `  ${metadata!.namespace}/${metadata!.name}: ${refusals[index] ?? "still terminating"}`,
      );
      throw new Error(
        `node ${node} was not drained within ${timeoutSeconds} s, because pods remain:\n${remaining.join("\n")}`,
      );
    }
  }
}

/**
 * Deletes the pods of a machine that no longer exists, without waiting for it. Kubernetes would keep them if a machine with the
 * same name registers before it collects them.
 */
export async function deletePods(api: ClusterApi, node: string): Promise<void> {
  const pods = await listPods(api, node);
  for (const { metadata } of pods) {
    const { name, namespace, uid } = metadata!;
    await api.send("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, {
      apiVersion: "v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
  }
}

const listPods = async (api: ClusterApi, node: string): Promise<V1Pod[]> =>
  (await api.get<{ items: V1Pod[] }>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`))?.items ?? [];

/** Evicts a pod. Returns the reason if the API server refuses. */
async function evict(api: ClusterApi, { metadata }: V1Pod): Promise<string | undefined> {
  if (metadata!.deletionTimestamp !== undefined) return undefined;
  const { name, namespace, uid } = metadata!;
  const { status, body } = await api.send("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  });
  return status === 429 ? messageOf(body) : undefined;
}
