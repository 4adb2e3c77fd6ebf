import type { NodePoolSpec } from "../model";
import { SERVER_TLS_FILES } from "./authority";

/** Folder of K3s for the certificate authorities of a server. */
const SERVER_TLS = "/var/lib/rancher/k3s/server/tls";

/** File from which a server reads its token. */
export const SERVER_TOKEN_FILE = "/etc/rancher/k3s/server-token";
/** File from which an agent reads its token, and a server the token that it accepts from agents. */
export const AGENT_TOKEN_FILE = "/etc/rancher/k3s/agent-token";

/** Where the secrets of a cluster are stored: in a cloud's parameter store, or in that of the lab. */
export interface ParameterLocation {
  /** Start of the full name of every parameter, such as `/skerry/production/frankfurt`. */
  readonly prefix: string;
  /** Region of the parameter store. */
  readonly region: string;
}

/** A file that a machine writes from a parameter before K3s starts, with owner root and mode 0600. */
export interface ParameterFile {
  /** Absolute path. */
  readonly path: string;
  /** Name of the parameter below the prefix. */
  readonly parameter: string;
}

/** Parameter with the token of servers. */
export const SERVER_TOKEN = "server-token";
/** Parameter with the token of agents. */
export const AGENT_TOKEN = "agent-token";
/** Parameter that records which machine created the cluster. Machines write it, once. */
export const BIRTH = "birth";
/** Folder of such parameters, where a cluster may be destroyed and created again under its name. */
export const BIRTHS = "births";
/** Parameter with the order of a restore, which servers carry out when they start. */
export const RESTORE = "restore";
/** Folder of the parameters by which one server claims each restore. Machines write them, once. */
export const RESTORE_CLAIMS = "restores";

/**
 * Returns the parameter that records which machine created a cluster. Pulumi does not delete what machines wrote, so each cluster
 * needs a name that no earlier one had.
 *
 * @param identifier distinguishes the cluster from those that had its name before, in hex digits. @default there are none
 */
export const birthParameter = (identifier?: string): string =>
  identifier === undefined ? BIRTH : `${BIRTHS}/${identifier.slice(0, 16)}`;

/** Returns the parameter with a file below K3s' `server/tls`. */
export const tlsParameter = (path: string): string => `tls/${path}`;

/** Returns the parameter with the token of a pool's agents: the cluster's agent token, or the pool's own bootstrap token. */
export const agentTokenParameter = ({ name, joinToken }: Pick<NodePoolSpec, "name" | "joinToken">): string =>
  joinToken ? `pools/${name}/${AGENT_TOKEN}` : AGENT_TOKEN;

/** Files that every server of a cluster writes from parameters. */
export const SERVER_FILES: readonly ParameterFile[] = [
  { path: SERVER_TOKEN_FILE, parameter: SERVER_TOKEN },
  { path: AGENT_TOKEN_FILE, parameter: AGENT_TOKEN },
  ...SERVER_TLS_FILES.map((path) => ({ path: `${SERVER_TLS}/${path}`, parameter: tlsParameter(path) })),
];

/**
 * Returns what the servers of a cluster read, by the name of the parameter. Secret.
 *
 * @param fileOf returns the content of a file below K3s' `server/tls`
 */
export function serverParameters<Value>(
  tokens: { readonly server: Value; readonly agent: Value },
  fileOf: (path: string) => Value,
): Record<string, Value> {
  return {
    [SERVER_TOKEN]: tokens.server,
    [AGENT_TOKEN]: tokens.agent,
    ...Object.fromEntries(SERVER_TLS_FILES.map((path) => [tlsParameter(path), fileOf(path)])),
  };
}

/** Returns the files that the agents of a pool write from parameters. Only these parameters may be readable for them. */
export const agentFiles = (pool: Pick<NodePoolSpec, "name" | "joinToken">): readonly ParameterFile[] => [
  { path: AGENT_TOKEN_FILE, parameter: agentTokenParameter(pool) },
];
