import { stringify } from "yaml";

import type { ClusterSpec, NodePoolSpec } from "../model";
import { type AgentJoin, agentConfig, type K3sConfig, serverConfig, type ServerJoin } from "./config";

const CONFIG = "/etc/rancher/k3s/config.yaml";
const SERVER_TLS = "/var/lib/rancher/k3s/server/tls";

interface WrittenFile {
  readonly path: string;
  readonly content: string;
}

/** cloud-init user data that writes files for root alone and then starts a unit that the image carries. */
function cloudConfig(files: readonly WrittenFile[], unit: string): string {
  const body = {
    write_files: files.map(({ path, content }) => ({ path, owner: "root:root", permissions: "0600", content })),
    runcmd: [["systemctl", "enable", "--now", unit]],
  };
  return `#cloud-config\n${stringify(body, { lineWidth: 0 })}`;
}

const configFile = (config: K3sConfig): WrittenFile => ({ path: CONFIG, content: stringify(config, { lineWidth: 0 }) });

/**
 * User data of a cluster's servers. A secret: it holds the tokens and the authorities' keys. Where user data can be
 * read by others (a cloud's metadata service), give machines a way to fetch it instead.
 */
export function serverUserData(
  cluster: ClusterSpec,
  { files, ...join }: ServerJoin & { readonly files: Readonly<Record<string, string>> },
): string {
  const authorities = Object.keys(files)
    .sort()
    .map((path) => ({ path: `${SERVER_TLS}/${path}`, content: files[path] ?? "" }));
  return cloudConfig([...authorities, configFile(serverConfig(cluster, join))], "k3s");
}

/** User data of a pool's agents. A secret: it holds the agent token. */
export function agentUserData(pool: NodePoolSpec, join: AgentJoin): string {
  return cloudConfig([configFile(agentConfig(pool, join))], "k3s-agent");
}
