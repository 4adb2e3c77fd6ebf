import type { Operations } from "../../dynamic";
import { LabClient } from "./client";

interface FolderState {
  /** Start of the full name of every parameter in the folder. */
  readonly prefix: string;
}

/** A folder exists while it has parameters. Its deletion also deletes those that machines wrote. */
export const operations: Operations<FolderState, FolderState> = {
  diff: async (_id, olds, news) => ({
    changes: olds.prefix !== news.prefix,
    replaces: olds.prefix === news.prefix ? [] : ["prefix"],
  }),

  create: async ({ prefix }) => ({ id: prefix, outs: { prefix } }),

  delete: async (_id, { prefix }) => new LabClient().deleteParameters(`${prefix}/`),
};
