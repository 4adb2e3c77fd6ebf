import { stringify } from "yaml";

import type { ClusterSpec, NodePoolSpec } from "../model";
import type { MachineRole } from "./boot/unit";
import { renderCloudConfig } from "./cloud-config";
import { type AgentJoin, agentConfig, type K3sConfig, serverConfig, type ServerJoin } from "./config";
import { hardenConfig, hardeningFiles } from "./hardening/apply";
import type { WrittenFile } from "./written-file";

const CONFIG = "/etc/rancher/k3s/config.yaml";
const SERVER_TLS = "/var/lib/rancher/k3s/server/tls";

type Cluster = Pick<ClusterSpec, "hardening">;

/** Renders user data with the hardened configuration, the files that it refers to, and further files. */
function renderUserData(role: MachineRole, cluster: Cluster, config: K3sConfig, files: readonly WrittenFile[]): string {
  const content = stringify(hardenConfig(role, cluster, config), { lineWidth: 0 });
  return renderCloudConfig(role, [{ path: CONFIG, content }, ...hardeningFiles(role, cluster), ...files]);
}

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
  return renderUserData("server", cluster, serverConfig(cluster, join), authorities);
}

/** Renders the user data of a pool's agents. Secret: it contains the agent token. */
export function agentUserData(cluster: Cluster, pool: NodePoolSpec, join: AgentJoin): string {
  return renderUserData("agent", cluster, agentConfig(pool, join), []);
}
