import type { Operations } from "../dynamic";

/** Lists the clusters, separated by commas, whose number of servers may be reduced. */
export const REMOVE_SERVERS = "SKERRY_REMOVE_SERVERS";

interface ServerSetState {
  readonly cluster: string;
  readonly servers: number;
  readonly generation: number;
  readonly device: string;
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

/** Remembers the servers of a cluster, and refuses changes that would lose its quorum or its data. */
export const operations: Operations<ServerSetState, ServerSetState> = {
  // Pulumi calls this during the preview, before it changes anything.
  diff: async (_id, olds, news) => {
    const risk = findServerRisk(olds, news);
    if (risk !== undefined) throw new Error(risk);
    const keys = ["cluster", "servers", "generation", "device"] as const;
    return { changes: keys.some((key) => olds[key] !== news[key]) };
  },
  create: async (inputs) => ({ id: inputs.cluster, outs: inputs }),
  update: async (_id, _olds, news) => ({ outs: news }),
};
