import { agentConfig, type AgentJoin, type K3sConfig, serverConfig, type ServerJoin } from "../../fleet/k3s/config";
import type { ClusterSpec, Fleet, NodePoolSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/** K3s's tokens: with the hash of the authority, and the short-lived ones of kubeadm's form. Source: K3s documentation, "token". */
const TOKEN = /\bK10[0-9a-f]{64}::\S|(^|[\s="'])[a-z0-9]{6}\.[a-z0-9]{16}($|[\s"'])/;

const SERVER_TOKEN = "the-servers-token";
const AGENT_TOKEN = "the-agents-token";

/** What K3s is started with, once tokens are filled in. */
export interface Configs {
  readonly server: (cluster: ClusterSpec, join: ServerJoin) => K3sConfig;
  readonly agent: (pool: NodePoolSpec, join: AgentJoin) => K3sConfig;
}

const holds = (config: K3sConfig, token: string): string[] =>
  Object.keys(config).filter((key) => JSON.stringify(config[key]).includes(token));

/** Tokens stand where K3s reads them and nowhere else, and agents know none but their own. */
function configProblems(cluster: ClusterSpec, index: number, { server, agent }: Configs): Violation[] {
  const config = server(cluster, { serverToken: SERVER_TOKEN, agentToken: AGENT_TOKEN, host: "host" });
  const path = formatPath(["clusters", index]);
  const stray = [...holds(config, SERVER_TOKEN), ...holds(config, AGENT_TOKEN)].filter(
    (key) => key !== "token" && key !== "agent-token",
  );
  const pools = cluster.nodePools.flatMap((pool, at) => {
    const keys = holds(agent(pool, { server: "https://host:6443", token: AGENT_TOKEN }), AGENT_TOKEN);
    const strayed = keys.filter((key) => key !== "token");
    const where = formatPath(["clusters", index, "nodePools", at]);
    return strayed.map((key) => ({ path: where, message: `the agents' K3s configuration shows the token in ${key}` }));
  });
  return [
    ...stray.map((key) => ({ path, message: `the servers' K3s configuration shows a token in ${key}` })),
    ...(config["agent-token"] === AGENT_TOKEN
      ? []
      : [{ path, message: "agents get no token of their own: each of them could join as a server" }]),
    ...pools,
  ];
}

/** Every text of a fleet in which a token stands. */
function tokensIn(value: unknown, steps: readonly PropertyKey[]): Violation[] {
  if (typeof value === "string") {
    return TOKEN.test(value) ? [{ path: formatPath(steps), message: "holds what looks like a token of K3s" }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    tokensIn(each, [...steps, Array.isArray(value) ? Number(key) : key]),
  );
}

/** @param configs what servers and agents are started with */
export const tokensSecretIn = (configs: Configs): FleetRule => ({
  subject: "fleet",
  id: "tokens-secret",
  title: "The tokens by which machines join stand nowhere but where K3s reads them",
  why: "Who holds a server's token is administrator of the cluster, and a fleet's file is in a repository, in plans and in logs.",
  severity: "error",
  remedy:
    "Remove it from the fleet and replace the token: it is known. Tokens are made at `pulumi up`, and stay secret there.",
  check: (fleet: Fleet) => [
    ...tokensIn(fleet, []),
    ...fleet.clusters.flatMap((cluster, index) => configProblems(cluster, index, configs)),
  ],
});

export const tokensSecret = tokensSecretIn({ server: serverConfig, agent: agentConfig });
