import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient, LabError, type LabGroup, type LabGroupRequest } from "./client";

interface GroupInputs extends LabGroupRequest {
  readonly name: string;
}

interface GroupOutputs extends GroupInputs {
  readonly hostnames: readonly string[];
}

/** Inputs whose change needs other machines; all others are changed in place. */
const BIRTH_FACTS = ["name", "hostname", "address", "machine"] as const;
const LIVING_FACTS = ["count", "userData"] as const;

const hostnames = (group: LabGroup): string[] => group.machines.map(({ hostname }) => hostname).sort();

async function put({ name, address, ...rest }: GroupInputs): Promise<GroupOutputs> {
  const { hostname, count, userData, machine } = rest;
  // Pulumi's wire format has no undefined: a group without an address must not have the key.
  const request = { hostname, count, userData, machine, ...(address === undefined ? {} : { address }) };
  const group = await new LabClient().putGroup(name, request);
  return { name, ...request, hostnames: hostnames(group) };
}

/** Asks the lab for a group of machines and waits until they have joined. */
export const operations: Operations<GroupInputs, GroupOutputs> = {
  diff: async (_id, olds, news) => {
    const differs = (key: keyof GroupInputs): boolean => !isDeepStrictEqual(olds[key], news[key]);
    const replaces = BIRTH_FACTS.filter(differs);
    return { changes: replaces.length > 0 || LIVING_FACTS.some(differs), replaces, deleteBeforeReplace: true };
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
