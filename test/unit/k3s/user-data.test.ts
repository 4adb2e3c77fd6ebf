import fc from "fast-check";
import { parse } from "yaml";

import { SERVER_TLS_FILES } from "../../../fleet/k3s/authority";
import { hardenConfig } from "../../../fleet/k3s/hardening/apply";
import { MACHINE_FILE, parseMachineDocument } from "../../../fleet/k3s/machine";
import { agentUserData, type ClusterEndpoint, serverUserData } from "../../../fleet/k3s/userdata";
import type { NodePoolSpec } from "../../../fleet/model";
import { nodeLabels } from "../../../fleet/nodes";
import { parseFleet } from "../../../fleet/reading/parse";
import { SECRET_FORMS } from "../../../policies/kubernetes/secret-forms";
import { local } from "../../../stacks/local";
import { arbitraryFleet } from "../support/arbitrary-fleet";

interface CloudConfig {
  write_files: { path: string; owner: string; permissions: string; content: string }[];
  runcmd: string[][];
}

const endpoint: ClusterEndpoint = {
  host: "192.0.2.1",
  port: 6443,
  parameters: { prefix: "/skerry/local/frankfurt", region: "eu-central-1" },
};
const cluster = parseFleet(local).clusters[0]!;
const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;

function written(userData: string, path: string): string {
  expect(userData.startsWith("#cloud-config\n")).toBe(true);
  const { write_files: files } = parse(userData) as CloudConfig;
  expect(files.every(({ owner }) => owner === "root:root")).toBe(true);
  const open = files.filter(({ permissions }) => !/^0[67]00$/.test(permissions)).map((file) => file.path);
  expect(open.filter((name) => !/^\/etc\/(systemd|sysctl\.d)\//.test(name))).toEqual([]);
  return files.find((file) => file.path === path)?.content ?? "";
}
const config = (userData: string) =>
  parse(written(userData, "/etc/rancher/k3s/config.yaml")) as Record<string, unknown>;
const machine = (userData: string) => parseMachineDocument(written(userData, MACHINE_FILE));

test("a cluster that is created again under its name records elsewhere who created it", () => {
  const birthOf = (identifier?: string) => machine(serverUserData(cluster, { ...endpoint, identifier }));
  const [first, second] = ["0a", "0b"].map((digits) => birthOf(digits.repeat(32)));
  expect(first).toMatchObject({ birth: "births/0a0a0a0a0a0a0a0a" });
  expect(second).toMatchObject({ birth: "births/0b0b0b0b0b0b0b0b" });
  expect(birthOf()).toMatchObject({ birth: "birth" });
});

test("gives servers the configuration of the fleet, and files for both tokens and every authority", () => {
  const userData = serverUserData(cluster, endpoint);
  expect(config(userData)).toMatchObject({
    "token-file": "/etc/rancher/k3s/server-token",
    "agent-token-file": "/etc/rancher/k3s/agent-token",
    "tls-san": ["192.0.2.1"],
    "cluster-cidr": cluster.clusterCidr,
    "service-cidr": cluster.serviceCidr,
    "secrets-encryption": true,
  });
  const { files, ...document } = machine(userData);
  expect(document).toEqual({
    apiVersion: "skerry.dev/machine/v1",
    role: "server",
    cluster: "frankfurt",
    ...endpoint,
    birth: "birth",
    restore: "restore",
  });
  expect(files).toHaveLength(2 + 11);
  expect(files).toContainEqual({ path: "/etc/rancher/k3s/server-token", parameter: "server-token" });
  for (const path of SERVER_TLS_FILES) {
    expect(files).toContainEqual({ path: `/var/lib/rancher/k3s/server/tls/${path}`, parameter: `tls/${path}` });
  }
  expect((parse(userData) as CloudConfig).runcmd).toEqual([["systemctl", "enable", "--now", "--no-block", "k3s"]]);
});

test("no server is special: the user data decides neither who creates the cluster nor who joins it", () => {
  const keys = Object.keys(config(serverUserData(cluster, endpoint)));
  for (const key of ["cluster-init", "server", "node-name", "token", "agent-token"]) expect(keys).not.toContain(key);
});

test("gives agents labels, taints and the file for the agent token, but no file of a server", () => {
  const userData = agentUserData(cluster, pool, endpoint);
  const labels = Object.entries(nodeLabels(pool)).map(([key, value]) => `${key}=${value}`);
  expect(config(userData)).toEqual(
    hardenConfig("agent", cluster, {
      server: "https://192.0.2.1:6443",
      "token-file": "/etc/rancher/k3s/agent-token",
      "node-label": labels.sort(),
      "node-taint": ["dedicated=iot:NoSchedule"],
    }),
  );
  expect(machine(userData)).toEqual({
    apiVersion: "skerry.dev/machine/v1",
    role: "agent",
    cluster: "frankfurt",
    ...endpoint,
    files: [{ path: "/etc/rancher/k3s/agent-token", parameter: "agent-token" }],
  });
});

test("agents of a pool with a join token read that token only", () => {
  const own: NodePoolSpec = { ...pool, joinToken: { hours: 24, issue: 1 } };
  expect(machine(agentUserData(cluster, own, endpoint)).files).toEqual([
    { path: "/etc/rancher/k3s/agent-token", parameter: `pools/${pool.name}/agent-token` },
  ]);
});

test("machines get the K3s release of their cluster, and how their node is named, in the machine document", () => {
  const sha256 = { amd64: "0a".repeat(32), arm64: "0b".repeat(32) };
  const released = { ...cluster, k3s: { version: "v1.36.3+k3s2", source: "s3://mirror/k3s", sha256 } };
  const named = { ...endpoint, node: { prefix: "frankfurt-gw", providerId: "node" as const } };
  for (const userData of [serverUserData(released, named), agentUserData(released, pool, named)]) {
    expect(machine(userData)).toMatchObject({ k3s: released.k3s, node: named.node });
  }
  expect(machine(serverUserData(cluster, endpoint))).not.toHaveProperty("k3s");
});

test("no user data contains what looks like a secret", () => {
  const forms = SECRET_FORMS.map(({ what, hints, expression }) => ({
    what,
    isIn: (text: string) =>
      hints.some((hint) => text.includes(hint)) && (expression === undefined || new RegExp(expression).test(text)),
  }));
  const secretsIn = (text: string): string[] => forms.filter(({ isIn }) => isIn(text)).map(({ what }) => what);
  expect(secretsIn(`token: K10${"0".repeat(64)}::server:hunter2hunter2`)).not.toEqual([]);
  fc.assert(
    fc.property(arbitraryFleet, ({ clusters }) => {
      for (const each of clusters) {
        expect(secretsIn(serverUserData(each, endpoint))).toEqual([]);
        for (const own of each.nodePools) expect(secretsIn(agentUserData(each, own, endpoint))).toEqual([]);
      }
    }),
    { numRuns: 30 },
  );
});
