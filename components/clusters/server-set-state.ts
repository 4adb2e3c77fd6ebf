import type { ClusterSpec } from "../../fleet/model";
import { FINISHED_RESTORE_VARIABLE, type OrderedRestore } from "./ordered-restore";

/** Lists the clusters, separated by commas, whose number of servers may be reduced. */
export const REMOVE_SERVERS = "SKERRY_REMOVE_SERVERS";

/** What replaces or removes the servers of a cluster. */
export interface ServerSetState {
  readonly cluster: string;
  readonly servers: number;
  readonly generation: number;
  readonly device: string;
  /** The restore that has replaced or will replace the servers. Absent unless one is in progress. */
  readonly restoring?: Pick<OrderedRestore, "id" | "snapshot">;
}

/** Returns the part of a cluster that concerns its servers. */
export const toServerSetState = ({
  name: cluster,
  servers,
  serverGeneration: generation,
  serverDevice: device,
}: ClusterSpec): ServerSetState => ({ cluster, servers, generation, device });

/**
 * Returns why a cluster must not be updated: it is being restored, and an update that does not know of the restore would delete its
 * order, so that the new servers wait for a cluster that does not come. Undefined if nothing prevents it.
 *
 * @param finished value of {@link FINISHED_RESTORE_VARIABLE}
 */
export function findRestoreInProgress(
  olds: ServerSetState,
  news: ServerSetState,
  finished = process.env[FINISHED_RESTORE_VARIABLE] ?? "",
): string | undefined {
  const { cluster, restoring } = olds;
  if (!restoring || news.restoring || finished === cluster) return undefined;
  return (
    `cluster ${cluster} is being restored: finish the restore first, with ` +
    `skerry cluster restore ${cluster} ${restoring.snapshot}`
  );
}

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
