import type { ClusterSpec } from "../../fleet/model";

/** Lists the clusters, separated by commas, whose number of servers may be reduced. */
export const REMOVE_SERVERS = "SKERRY_REMOVE_SERVERS";

/** What replaces or removes the servers of a cluster. */
export interface ServerSetState {
  readonly cluster: string;
  readonly servers: number;
  readonly generation: number;
  readonly device: string;
}

/** Returns the part of a cluster that concerns its servers. */
export const toServerSetState = ({
  name: cluster,
  servers,
  serverGeneration: generation,
  serverDevice: device,
}: ClusterSpec): ServerSetState => ({ cluster, servers, generation, device });

/**
 * Returns why servers must not change as requested. Undefined if they may.
 *
 * @param permitted value of {@link REMOVE_SERVERS}
 */
export function findServerRisk(
  olds: ServerSetState,
  news: ServerSetState,
  permitted = process.env[REMOVE_SERVERS] ?? "",
): string | undefined {
  const { cluster } = news;
  if (news.servers < olds.servers && !permitted.split(",").includes(cluster)) {
    return (
      `clusters.${cluster}.servers: must not be reduced from ${olds.servers} to ${news.servers}: the cluster would survive ` +
      `the loss of fewer servers. To remove servers one at a time, from the last, set ${REMOVE_SERVERS}=${cluster}`
    );
  }
  const replaced = (["generation", "device"] as const).filter((key) => olds[key] !== news[key]);
  if (olds.servers === 1 && replaced.length > 0) {
    const field = replaced[0] === "generation" ? "serverGeneration" : "serverDevice";
    return (
      `clusters.${cluster}.${field}: must not change from ${olds[replaced[0]!]} to ${news[replaced[0]!]} while the cluster ` +
      `has one server, whose replacement would lose all its data. Set servers to 3 first`
    );
  }
  return undefined;
}
