import type { Operations } from "../dynamic";

interface State {
  readonly cluster: string;
  /** Id of the restore. Absent in updates that restore nothing, and before the first restore. */
  readonly restore?: string;
  /** Name of the snapshot. */
  readonly snapshot?: string;
}

/** Remembers the last restore of a cluster. Another restore replaces it, and the servers with it. */
export const operations: Operations<State, State> = {
  diff: async (_id, olds, news) => {
    const replaces = news.restore === undefined || news.restore === olds.restore ? [] : ["restore"];
    // All servers are deleted before the first of them is created: no old one may answer beside restored ones.
    return { changes: replaces.length > 0, replaces, deleteBeforeReplace: true };
  },
  create: async (inputs) => ({ id: inputs.cluster, outs: inputs }),
};
