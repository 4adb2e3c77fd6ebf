import { agentConfig, type K3sConfig, serverConfig } from "../../fleet/k3s/config";
import type { ClusterSpec, Fleet, NodePoolSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule, Violation } from "../engine/rule";

/**
 * K3s tokens: the secure format, which contains the hash of the CA, and bootstrap tokens.
 *
 * @see https://docs.k3s.io/cli/token
 */
const TOKEN = /\bK10[0-9a-f]{64}::\S|(^|[\s="'])[a-z0-9]{6}\.[a-z0-9]{16}($|[\s"'])/;

/** Keys of a K3s configuration whose value is a token. */
const TOKEN_KEYS = ["token", "agent-token"];

/** Functions that render the K3s configuration of servers and agents. */
export interface ConfigRenderers {
  readonly server: (cluster: ClusterSpec, host: string) => K3sConfig;
  readonly agent: (pool: NodePoolSpec, server: string) => K3sConfig;
}

/** Checks that configurations contain no token, and that servers do not accept the server token from agents. */
function checkConfigs(cluster: ClusterSpec, index: number, { server, agent }: ConfigRenderers): Violation[] {
  const path = formatPath(["clusters", index]);
  const config = server(cluster, "host");
  const inline = (at: string, of: string, rendered: K3sConfig): Violation[] =>
    TOKEN_KEYS.filter((key) => key in rendered).map((key) => ({
      path: at,
      message: `the K3s configuration of ${of} contains ${key}: must be ${key}-file, because others can read user data`,
    }));
  return [
    ...inline(path, "servers", config),
    ...("agent-token-file" in config && config["agent-token-file"] !== config["token-file"]
      ? []
      : [
          {
            path,
            message:
              "agent-token-file must differ from token-file: with the server token, an agent could join as a server",
          },
        ]),
    ...cluster.nodePools.flatMap((pool, at) =>
      inline(formatPath(["clusters", index, "nodePools", at]), "agents", agent(pool, "https://host:6443")),
    ),
  ];
}

/** Reports every string of a fleet that contains a token. */
function findTokens(value: unknown, steps: readonly PropertyKey[]): Violation[] {
  if (typeof value === "string") {
    return TOKEN.test(value) ? [{ path: formatPath(steps), message: "contains what looks like a K3s token" }] : [];
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
  title: "K3s join tokens appear neither in the fleet nor in user data",
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
