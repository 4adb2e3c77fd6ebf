import type { KubeConfig, V1Node } from "@kubernetes/client-node";

import { CONTROL_PLANE } from "../../fleet/labels";
import type { ClusterVersions, NodeVersion } from "../../fleet/upgrades/check-upgrade";

/** Splits the nodes of a cluster into servers and agents. */
export function toClusterVersions(nodes: readonly V1Node[]): ClusterVersions {
  const toVersion = ({ metadata, status }: V1Node): NodeVersion => ({
    name: metadata?.name ?? "",
    version: status?.nodeInfo?.kubeletVersion ?? "",
  });
  const isServer = ({ metadata }: V1Node): boolean => CONTROL_PLANE in (metadata?.labels ?? {});
  return {
    servers: nodes.filter(isServer).map(toVersion),
    agents: nodes.filter((node) => !isServer(node)).map(toVersion),
  };
}

/** Reads the versions that the nodes of a cluster run. */
export async function readVersions(config: KubeConfig): Promise<ClusterVersions> {
  const { CoreV1Api } = await import("@kubernetes/client-node");
  return toClusterVersions((await config.makeApiClient(CoreV1Api).listNode()).items);
}
