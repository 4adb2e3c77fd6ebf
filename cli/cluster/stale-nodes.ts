import type { V1Node } from "@kubernetes/client-node";

import { ClusterApi } from "../../components/clusters/cluster-api";
import { staleNodes } from "../../fleet/k3s/restore";
import { CONTROL_PLANE, labels } from "../../fleet/labels";
import type { ClusterSpec } from "../../fleet/model";
import { serverNames } from "../../fleet/nodes";
import { findHostnames, type RestorableState } from "./deployed-servers";

/**
 * Deletes the Nodes in a restored cluster whose machines do not exist: servers and agents that were removed after the snapshot.
 * Nodes of a pool whose machines the state does not list are left to the controller of the cloud.
 *
 * @returns their names
 */
export async function forgetStaleNodes(
  kubeconfig: string,
  cluster: ClusterSpec,
  state: RestorableState,
): Promise<string[]> {
  const api = new ClusterApi(kubeconfig);
  try {
    const { items } = (await api.get<{ items: V1Node[] }>("/api/v1/nodes"))!;
    const servers = serverNames(cluster);
    const machinesOf = ({ metadata }: V1Node): readonly string[] | undefined => {
      if (metadata?.labels?.[CONTROL_PLANE] !== undefined) return servers;
      const pool = metadata?.labels?.[labels.nodePool];
      return pool === undefined ? undefined : findHostnames(state, cluster.name, pool);
    };
    const stale = items.flatMap((node) => {
      const machines = machinesOf(node);
      return machines ? staleNodes([node.metadata!.name!], machines) : [];
    });
    for (const name of stale) await api.send("DELETE", `/api/v1/nodes/${name}`);
    return stale.sort();
  } finally {
    await api.close();
  }
}
