import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";

import { stringify } from "yaml";

import type { MachineRole } from "../../fleet/k3s/boot/unit";
import { renderCloudConfig } from "../../fleet/k3s/cloud-config";
import { agentConfig, type K3sConfig, serverConfig } from "../../fleet/k3s/config";
import { hardenConfig, hardeningFiles } from "../../fleet/k3s/hardening/apply";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { BUCKET, CLOUD_ADDRESS, REGION } from "./cloud";

export const PREFIX = "/skerry/test/frankfurt";
export const VERSION = "v1.36.3+k3s1";
const FOLDER = "k3s/v1.36.3+k3s1";

/** The stand-in for the binary of K3s. */
export const k3s = readFileSync(join(__dirname, "machine/k3s"), "utf8");
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
/** Key of the binary in the bucket. */
export const OBJECT = `${FOLDER}/k3s`;
export const S3_SOURCE = `s3://${BUCKET}/${FOLDER}`;

const AUTHORITIES = ["server-ca", "client-ca", "request-header-ca", "etcd/peer-ca", "etcd/server-ca"];
export const AUTHORITY_FILES = [...AUTHORITIES.flatMap((name) => [`${name}.crt`, `${name}.key`]), "service.key"];

/** Parameters of the cluster, with values that must never be seen. */
export const parameters: Readonly<Record<string, string>> = Object.fromEntries(
  ["server-token", "agent-token", ...AUTHORITY_FILES.map((file) => `tls/${file}`)].map((name) => [
    `${PREFIX}/${name}`,
    `secret-${sha256(name)}`,
  ]),
);

const cluster = parseFleet(local).clusters[0]!;
const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;

/** The configuration of the servers of a real cluster, with files in place of tokens, and without the drop-in of the boot program. */
function serverBase(): K3sConfig {
  const join = { serverToken: "", agentToken: "", host: CLOUD_ADDRESS };
  const { "cluster-init": _init, token: _token, "agent-token": _agentToken, ...rest } = serverConfig(cluster, join);
  return {
    "token-file": "/etc/rancher/k3s/server-token",
    "agent-token-file": "/etc/rancher/k3s/agent-token",
    ...rest,
  };
}

function agentBase(): K3sConfig {
  const { token: _token, ...rest } = agentConfig(pool, { server: `https://${CLOUD_ADDRESS}:6443`, token: "" });
  return { "token-file": "/etc/rancher/k3s/agent-token", ...rest };
}

export interface UserDataOptions {
  readonly sha256?: string;
  readonly source?: string;
  readonly node?: { readonly tag: string } | { readonly prefix: string };
}

/** Renders the user data of a server or agent of the tests' cluster. */
export function userData(role: MachineRole, options: UserDataOptions = {}): string {
  const { source = S3_SOURCE, node } = options;
  const files =
    role === "server"
      ? [
          { path: "/etc/rancher/k3s/server-token", parameter: "server-token" },
          { path: "/etc/rancher/k3s/agent-token", parameter: "agent-token" },
          ...AUTHORITY_FILES.map((file) => ({
            path: `/var/lib/rancher/k3s/server/tls/${file}`,
            parameter: `tls/${file}`,
          })),
        ]
      : [{ path: "/etc/rancher/k3s/agent-token", parameter: "agent-token" }];
  const machine = {
    apiVersion: "skerry.dev/machine/v1",
    role,
    cluster: "frankfurt",
    host: CLOUD_ADDRESS,
    port: 6443,
    parameters: { prefix: PREFIX, region: REGION },
    files,
    ...(role === "server" ? { birth: "birth" } : {}),
    k3s: {
      version: VERSION,
      source,
      sha256: { amd64: options.sha256 ?? sha256(k3s), arm64: options.sha256 ?? sha256(k3s) },
    },
    ...(node ? { node } : {}),
  };
  const base = role === "server" ? serverBase() : agentBase();
  return renderCloudConfig(role, [
    { path: "/etc/rancher/k3s/config.yaml", content: stringify(hardenConfig(role, {}, base), { lineWidth: 0 }) },
    { path: "/etc/skerry/machine.json", content: `${JSON.stringify(machine)}\n` },
    ...hardeningFiles(role, {}),
  ]);
}
