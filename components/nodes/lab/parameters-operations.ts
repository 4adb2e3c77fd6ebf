import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient } from "./client";

interface Inputs {
  readonly prefix: string;
  /** Secret values by name below the prefix. */
  readonly values: Readonly<Record<string, string>>;
}

interface Outputs {
  readonly prefix: string;
  /** SHA-256 of each value. They detect changes without storing the values twice in the state. */
  readonly hashes: Readonly<Record<string, string>>;
}

function hashesOf(values: Inputs["values"]): Outputs["hashes"] {
  const hash = (value: string): string => createHash("sha256").update(value).digest("hex");
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hash(value)]));
}

async function deleteAll(prefix: string, names: readonly string[]): Promise<void> {
  const lab = new LabClient();
  for (const name of names) await lab.deleteParameters(`${prefix}/${name}`);
}

async function put({ prefix, values }: Inputs): Promise<Outputs> {
  const lab = new LabClient();
  for (const [name, value] of Object.entries(values)) await lab.putParameter(`${prefix}/${name}`, value);
  return { prefix, hashes: hashesOf(values) };
}

/** Stores parameters in the lab. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes: !isDeepStrictEqual(olds.hashes, hashesOf(news.values)),
    replaces: olds.prefix === news.prefix ? [] : ["prefix"],
  }),

  create: async (inputs) => ({ id: inputs.prefix, outs: await put(inputs) }),

  update: async (_id, olds, news) => {
    const outs = await put(news);
    const removed = Object.keys(olds.hashes).filter((name) => !(name in news.values));
    await deleteAll(olds.prefix, removed);
    return { outs };
  },

  delete: async (_id, { prefix, hashes }) => deleteAll(prefix, Object.keys(hashes)),
};
