import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import type { Operations } from "../../dynamic";
import { LabClient, LabError, type LabServer, type LabServerRequest } from "./client";

interface ServerInputs extends LabServerRequest {
  readonly name: string;
  /** A change replaces the machine. */
  readonly generation: number;
}

type ServerOutputs = Omit<ServerInputs, "userData">;

/** Time limit for a server to become ready after K3s has restarted, in ms. */
const RESTART_TIMEOUT_MS = 180_000;

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

const put = ({ name, generation: _generation, ...request }: ServerInputs): Promise<LabServer> => {
  const { hostname, address, machine, userData, credentialsRevision } = request;
  return new LabClient().putServer(name, { hostname, address, machine, userData, credentialsRevision });
};

const outputsOf = ({
  name,
  hostname,
  address,
  machine,
  generation,
  credentialsRevision,
}: ServerInputs): ServerOutputs => ({
  ...{ name, hostname, address, machine, generation, credentialsRevision },
});

async function waitReady(name: string): Promise<void> {
  const client = new LabClient();
  // The lab notices within seconds that the process has ended.
  for (const deadline = Date.now() + RESTART_TIMEOUT_MS; ; await sleep(500)) {
    const { state, message } = await client.getServer(name);
    if (state === "ready") return;
    if (Date.now() > deadline) throw new Error(`server ${name} is ${state}: ${message ?? "no message"}`);
  }
}

/**
 * Creates a server in the lab. Its membership waits until it has joined the cluster. The resource's id is that of the machine,
 * which differs between a machine and its replacement.
 */
export const operations: Operations<ServerInputs, ServerOutputs> = {
  diff: async (_id, olds, news) => {
    const replaces = REPLACING_INPUTS.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    const changes = replaces.length > 0 || olds.credentialsRevision !== news.credentialsRevision;
    return { changes, replaces, deleteBeforeReplace: true };
  },

  create: async (inputs) => {
    const { id } = await put(inputs);
    return { id, outs: outputsOf(inputs) };
  },

  // K3s restarts. The next server restarts only once this one is ready, so that the cluster keeps its quorum.
  update: async (_id, _olds, news) => {
    await put(news);
    await waitReady(news.name);
    return { outs: outputsOf(news) };
  },

  read: async (id, props) => {
    const outputs = props as ServerOutputs;
    return (await find(outputs.name, id)) ? { id, props: outputs } : {};
  },

  delete: async (id, { name }) => {
    if (await find(name, id)) await new LabClient().deleteServer(name);
  },
};
