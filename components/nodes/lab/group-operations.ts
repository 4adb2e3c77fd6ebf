import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient, LabError, type LabGroup, type LabGroupRequest } from "./client";

interface GroupInputs extends LabGroupRequest {
  readonly name: string;
}

interface GroupOutputs extends Omit<GroupInputs, "userData"> {
  /** SHA-256: enough to see a change, and the state holds the user data once, among the inputs. */
  readonly userDataHash: string;
  readonly hostnames: readonly string[];
}

/** Inputs whose change needs other machines; the count and the user data are changed in place. */
const BIRTH_FACTS = ["name", "hostname", "address", "machine"] as const;

const hashOf = (userData: string): string => createHash("sha256").update(userData).digest("hex");

const hostnames = (group: LabGroup): string[] => group.machines.map(({ hostname }) => hostname).sort();

async function put({ name, address, ...rest }: GroupInputs): Promise<GroupOutputs> {
  const { hostname, count, userData, machine } = rest;
  // Pulumi's wire format has no undefined: a group without an address must not have the key.
  const facts = { hostname, count, machine, ...(address === undefined ? {} : { address }) };
  const group = await new LabClient().putGroup(name, { ...facts, userData });
  return { name, ...facts, userDataHash: hashOf(userData), hostnames: hostnames(group) };
}

/** Asks the lab for a group of machines and waits until they have joined. */
export const operations: Operations<GroupInputs, GroupOutputs> = {
  diff: async (_id, olds, news) => {
    const replaces = BIRTH_FACTS.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    const changed = olds.count !== news.count || olds.userDataHash !== hashOf(news.userData);
    return { changes: replaces.length > 0 || changed, replaces, deleteBeforeReplace: true };
  },

  create: async (inputs) => ({ id: inputs.name, outs: await put(inputs) }),

  read: async (id, props) => {
    try {
      const group = await new LabClient().getGroup(id);
      return { id, props: { ...(props as GroupOutputs), count: group.machines.length, hostnames: hostnames(group) } };
    } catch (error) {
      if (error instanceof LabError && error.status === 404) return {};
      throw error;
    }
  },

  update: async (_id, _olds, news) => ({ outs: await put(news) }),

  delete: async (id) => {
    await new LabClient().deleteGroup(id);
  },
};
