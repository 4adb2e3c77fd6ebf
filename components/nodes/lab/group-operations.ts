import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient, LabError, type LabGroup, type LabGroupRequest } from "./client";

interface GroupInputs extends LabGroupRequest {
  readonly name: string;
}

interface GroupOutputs extends Omit<GroupInputs, "userData"> {
  /** SHA-256 of the user data. It detects changes without storing the user data twice in the state. */
  readonly userDataHash: string;
  readonly hostnames: readonly string[];
}

/** Inputs whose change replaces the machines. The count and the user data are updated in place. */
const REPLACING_INPUTS = ["name", "hostname", "machine"] as const;

const hashOf = (userData: string): string => createHash("sha256").update(userData).digest("hex");

const hostnames = (group: LabGroup): string[] => group.machines.map(({ hostname }) => hostname).sort();

async function put({ name, hostname, count, userData, machine }: GroupInputs): Promise<GroupOutputs> {
  const request = { hostname, count, machine };
  const group = await new LabClient().putGroup(name, { ...request, userData });
  return { name, ...request, userDataHash: hashOf(userData), hostnames: hostnames(group) };
}

/** Creates a group of machines in the lab and waits until they have joined their cluster. */
export const operations: Operations<GroupInputs, GroupOutputs> = {
  diff: async (_id, olds, news) => {
    const replaces = REPLACING_INPUTS.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
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
