import type { Operations } from "../dynamic";
import { findRestoreInProgress, findServerRisk, type ServerSetState } from "./server-set-state";

/** Remembers the servers of a cluster, and refuses updates that would lose its quorum, its data or its restore. */
export const operations: Operations<ServerSetState, ServerSetState> = {
  // Pulumi calls this during the preview, before it changes anything.
  diff: async (_id, olds, news) => {
    const risk = findRestoreInProgress(olds, news) ?? findServerRisk(olds, news);
    if (risk !== undefined) throw new Error(risk);
    const keys = ["cluster", "servers", "generation", "device"] as const;
    return { changes: keys.some((key) => olds[key] !== news[key]) || olds.restoring?.id !== news.restoring?.id };
  },
  create: async (inputs) => ({ id: inputs.cluster, outs: inputs }),
  update: async (_id, _olds, news) => ({ outs: news }),
};
