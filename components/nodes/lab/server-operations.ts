import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient, LabError, type LabServer, type LabServerRequest } from "./client";

interface ServerInputs extends LabServerRequest {
  readonly name: string;
  /** A change replaces the machine. */
  readonly generation: number;
}

type ServerOutputs = Omit<ServerInputs, "userData">;

/** Inputs whose change replaces the machine. Its user data applies only when it is created. */
const REPLACING_INPUTS = ["name", "hostname", "address", "machine", "generation"] as const;

/** Returns the server with a name and machine id. Another machine may have taken the name. */
async function find(name: string, id: string): Promise<LabServer | undefined> {
  try {
    const server = await new LabClient().getServer(name);
    return server.id === id ? server : undefined;
  } catch (error) {
    if (error instanceof LabError && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Creates a server in the lab. Its membership waits until it has joined the cluster. The resource's id is that of the machine,
 * which differs between a machine and its replacement.
 */
export const operations: Operations<ServerInputs, ServerOutputs> = {
  diff: async (_id, olds, news) => {
    const replaces = REPLACING_INPUTS.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    return { changes: replaces.length > 0, replaces, deleteBeforeReplace: true };
  },

  create: async ({ name, hostname, address, machine, userData, generation }) => {
    const { id } = await new LabClient().putServer(name, { hostname, address, machine, userData });
    return { id, outs: { name, hostname, address, machine, generation } };
  },

  read: async (id, props) => {
    const outputs = props as ServerOutputs;
    return (await find(outputs.name, id)) ? { id, props: outputs } : {};
  },

  delete: async (id, { name }) => {
    if (await find(name, id)) await new LabClient().deleteServer(name);
  },
};
