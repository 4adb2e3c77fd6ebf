import { agentConfig, type AgentJoin, type K3sConfig, serverConfig, type ServerJoin } from "../../fleet/k3s/config";
import type { ClusterSpec, Fleet, NodePoolSpec } from "../../fleet/model";
import { pathText } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/**
 * K3s tokens: the secure format, which contains the hash of the CA, and bootstrap tokens.
 *
 * @see https://docs.k3s.io/cli/token
 */
const TOKEN = /\bK10[0-9a-f]{64}::\S|(^|[\s="'])[a-z0-9]{6}\.[a-z0-9]{16}($|[\s"'])/;

const SERVER_TOKEN = "the-servers-token";
const AGENT_TOKEN = "the-agents-token";

/** Functions that render the K3s configuration of servers and agents. */
export interface ConfigRenderers {
  readonly server: (cluster: ClusterSpec, join: ServerJoin) => K3sConfig;
  readonly agent: (pool: NodePoolSpec, join: AgentJoin) => K3sConfig;
}

const findKeysWith = (config: K3sConfig, token: string): string[] =>
  Object.keys(config).filter((key) => JSON.stringify(config[key]).includes(token));

/** Checks that tokens appear only where K3s reads them, and that agents do not get the server token. */
function checkConfigs(cluster: ClusterSpec, index: number, { server, agent }: ConfigRenderers): Violation[] {
  const config = server(cluster, { serverToken: SERVER_TOKEN, agentToken: AGENT_TOKEN, host: "host" });
  const path = pathText(["clusters", index]);
  const stray = [...findKeysWith(config, SERVER_TOKEN), ...findKeysWith(config, AGENT_TOKEN)].filter(
    (key) => key !== "token" && key !== "agent-token",
  );
  const pools = cluster.nodePools.flatMap((pool, at) => {
    const keys = findKeysWith(agent(pool, { server: "https://host:6443", token: AGENT_TOKEN }), AGENT_TOKEN);
    const exposed = keys.filter((key) => key !== "token");
    const poolPath = pathText(["clusters", index, "nodePools", at]);
    return exposed.map((key) => ({
      path: poolPath,
      message: `the agents' K3s configuration exposes the token in ${key}`,
    }));
  });
  return [
    ...stray.map((key) => ({ path, message: `the servers' K3s configuration exposes a token in ${key}` })),
    ...(config["agent-token"] === AGENT_TOKEN
      ? []
      : [
          {
            path,
            message:
              "agent-token must differ from the server token: with the server token, an agent could join as a server",
          },
        ]),
    ...pools,
  ];
}

/** Reports every string of a fleet that contains a token. */
function findTokens(value: unknown, steps: readonly PropertyKey[]): Violation[] {
  if (typeof value === "string") {
    return TOKEN.test(value) ? [{ path: pathText(steps), message: "contains what looks like a K3s token" }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    findTokens(each, [...steps, Array.isArray(value) ? Number(key) : key]),
  );
}

/** @param configs render the K3s configuration of servers and agents */
export const forbidExposedTokensIn = (configs: ConfigRenderers): FleetRule => ({
  subject: "fleet",
  id: "no-exposed-tokens",
  title: "K3s join tokens appear only where K3s reads them",
  why: "A server token grants administrator access to the cluster, and a fleet file is copied to repositories, plans and logs.",
  severity: "error",
  remedy:
    "Remove the token from the fleet and rotate it, because it has been exposed. Skerry creates tokens during `pulumi up` and keeps them secret.",
  check: (fleet: Fleet) => [
    ...findTokens(fleet, []),
    ...fleet.clusters.flatMap((cluster, index) => checkConfigs(cluster, index, configs)),
  ],
});

export const noExposedTokens = forbidExposedTokensIn({ server: serverConfig, agent: agentConfig });
