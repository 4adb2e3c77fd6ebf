import { stringify } from "yaml";

import type { ClusterSpec, NodePoolSpec } from "../model";
import { type AgentJoin, agentConfig, type K3sConfig, serverConfig, type ServerJoin } from "./config";

const CONFIG = "/etc/rancher/k3s/config.yaml";
const SERVER_TLS = "/var/lib/rancher/k3s/server/tls";

interface WrittenFile {
  readonly path: string;
  readonly content: string;
}

/** Renders cloud-init user data that writes files readable by root only, and starts a systemd unit of the image. */
function renderCloudConfig(files: readonly WrittenFile[], unit: string): string {
  const body = {
    write_files: files.map(({ path, content }) => ({ path, owner: "root:root", permissions: "0600", content })),
    runcmd: [["systemctl", "enable", "--now", unit]],
  };
  return `#cloud-config\n${stringify(body, { lineWidth: 0 })}`;
}

const configFile = (config: K3sConfig): WrittenFile => ({ path: CONFIG, content: stringify(config, { lineWidth: 0 }) });

/**
 * Renders the user data of a cluster's servers. Secret: it contains the tokens and the keys of the authorities. If others
 * can read user data, as in a cloud's metadata service, let machines fetch it by other means.
 */
export function serverUserData(
  cluster: ClusterSpec,
  { files, ...join }: ServerJoin & { readonly files: Readonly<Record<string, string>> },
): string {
  const authorities = Object.keys(files)
    .sort()
    .map((path) => ({ path: `${SERVER_TLS}/${path}`, content: files[path] ?? "" }));
  return renderCloudConfig([...authorities, configFile(serverConfig(cluster, join))], "k3s");
}

/** Renders the user data of a pool's agents. Secret: it contains the agent token. */
export function agentUserData(pool: NodePoolSpec, join: AgentJoin): string {
  return renderCloudConfig([configFile(agentConfig(pool, join))], "k3s-agent");
}
