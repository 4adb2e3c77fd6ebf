import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient, LabError, type LabGroup, type LabGroupRequest } from "./client";

interface GroupInputs extends LabGroupRequest {
  readonly name: string;
  readonly generation: number;
}

interface GroupOutputs extends GroupInputs {
  readonly hostnames: readonly string[];
}

/** Inputs whose change replaces the machines. */
const REPLACING_INPUTS = ["name", "hostname", "machine", "generation"] as const;
/** Inputs whose change applies in place. */
const UPDATED_INPUTS = ["count", "userData"] as const;

const hostnames = (group: LabGroup): string[] => group.machines.map(({ hostname }) => hostname).sort();

async function put({ name, generation, hostname, count, userData, machine }: GroupInputs): Promise<GroupOutputs> {
  const request = { hostname, count, userData, machine };
  const group = await new LabClient().putGroup(name, request);
  return { name, generation, ...request, hostnames: hostnames(group) };
}

/** Creates a group of machines in the lab and waits until they have joined their cluster. */
export const operations: Operations<GroupInputs, GroupOutputs> = {
  diff: async (_id, olds, news) => {
    const isChanged = (key: keyof GroupInputs): boolean => !isDeepStrictEqual(olds[key], news[key]);
    const replaces = REPLACING_INPUTS.filter(isChanged);
    return { changes: replaces.length > 0 || UPDATED_INPUTS.some(isChanged), replaces, deleteBeforeReplace: true };
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
