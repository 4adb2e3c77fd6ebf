import { join } from "node:path";

import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";

const VOTER = "EtcdIsVoter";

/** What one server reports. */
export interface ServerView {
  /** UID of namespace kube-system. */
  readonly clusterUid: string;
  /** Number of servers whose etcd members vote. */
  readonly voters: number;
}

/**
 * Asks one server of a lab, at its own address, about its cluster.
 *
 * @param state state folder of the lab
 */
export async function readMembers(state: string, server: string): Promise<ServerView> {
  const config = new KubeConfig();
  config.loadFromFile(join(state, "machines", server, "server", "admin.kubeconfig"));
  const core = config.makeApiClient(CoreV1Api);
  const { metadata } = await core.readNamespace({ name: "kube-system" });
  const { items } = await core.listNode({ labelSelector: "node-role.kubernetes.io/etcd" });
  const votes = ({ status }: (typeof items)[number]): boolean =>
    status?.conditions?.some(({ type, status: value }) => type === VOTER && value === "True") ?? false;
  return { clusterUid: metadata!.uid!, voters: items.filter(votes).length };
}
