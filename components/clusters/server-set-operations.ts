import type { Operations } from "../dynamic";
import { findServerRisk, type ServerSetState } from "./server-set-state";

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
