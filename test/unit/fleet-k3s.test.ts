import { createHash, X509Certificate } from "node:crypto";

import { parse } from "yaml";

import {
  createClusterAuthority,
  clientAuthority,
  issueAdminCertificate,
  type ClusterAuthority,
} from "../../fleet/k3s/authority";
import { checkUserDataSize, MAX_USER_DATA_BYTES } from "../../fleet/k3s/cloud-config";
import { hardenConfig, hardeningFiles } from "../../fleet/k3s/hardening/apply";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
import { architecturesOf, k3sInstallation } from "../../fleet/k3s/release";
import { randomPassword, secureToken } from "../../fleet/k3s/token";
import { agentUserData, serverUserData } from "../../fleet/k3s/userdata";
import { nodeLabels } from "../../fleet/nodes";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";

interface CloudConfig {
  write_files: { path: string; permissions: string; content: string }[];
  runcmd: string[][];
}

const cluster = parseFleet(local).clusters[0]!;
const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;
let authority: ClusterAuthority;
beforeAll(async () => {
  authority = await createClusterAuthority("frankfurt");
});

const written = (userData: string, path: string): string => {
  expect(userData.startsWith("#cloud-config\n")).toBe(true);
  const { write_files: files } = parse(userData) as CloudConfig;
  const open = files.filter(({ permissions }) => !/^0[67]00$/.test(permissions)).map((file) => file.path);
  expect(open.filter((name) => !/^\/etc\/(systemd|sysctl\.d)\//.test(name))).toEqual([]);
  return files.find((file) => file.path === path)?.content ?? "";
};
const config = (userData: string) =>
  parse(written(userData, "/etc/rancher/k3s/config.yaml")) as Record<string, unknown>;

test("creates bundles that chain to the root", () => {
  for (const [path, text] of Object.entries(authority.files).filter(([name]) => name.endsWith(".crt"))) {
    const chain = text
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .filter(Boolean)
      .map((pem) => new X509Certificate(pem));
    expect({ path, length: chain.length }).toEqual({ path, length: 3 });
    chain.forEach((certificate, index) => {
      expect(certificate.ca).toBe(true);
      expect(certificate.verify((chain[index + 1] ?? certificate).publicKey)).toBe(true);
    });
  }
});

test("writes the SHA-256 of the root certificate to the token", () => {
  const der = Buffer.from(authority.rootCertificate.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const hash = createHash("sha256").update(der).digest("hex");
  expect(secureToken(authority.rootCertificate, "node", "secret")).toBe(`K10${hash}::node:secret`);
  expect(randomPassword()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomPassword()).not.toBe(randomPassword());
});

test("issues the administrator certificate from the client authority", async () => {
  const { certificate } = await issueAdminCertificate(clientAuthority(authority.files), 365);
  const issued = new X509Certificate(certificate);
  expect(issued.verify(new X509Certificate(authority.files["client-ca.crt"]!).publicKey)).toBe(true);
  expect(issued.subject).toBe("O=system:masters\nCN=system:admin");
});

test("gives servers both tokens, the authorities and the configuration of the fleet", () => {
  const userData = serverUserData(cluster, {
    files: authority.files,
    serverToken: "S",
    agentToken: "A",
    host: "192.0.2.1",
  });
  expect(config(userData)).toMatchObject({
    token: "S",
    "agent-token": "A",
    "tls-san": ["192.0.2.1"],
    "cluster-init": true,
    "cluster-cidr": cluster.clusterCidr,
    "service-cidr": cluster.serviceCidr,
    "secrets-encryption": true,
  });
  expect(written(userData, "/var/lib/rancher/k3s/server/tls/etcd/peer-ca.key")).toBe(
    authority.files["etcd/peer-ca.key"],
  );
  expect((parse(userData) as CloudConfig).runcmd).toEqual([["systemctl", "enable", "--now", "--no-block", "k3s"]]);
});

test("gives agents the agent token, labels and taints, but no secret of a server", () => {
  const userData = agentUserData(cluster, pool, { server: "https://192.0.2.1:6443", token: "A" });
  const labels = Object.entries(nodeLabels(pool)).map(([key, value]) => `${key}=${value}`);
  expect(config(userData)).toEqual(
    hardenConfig("agent", cluster, {
      server: "https://192.0.2.1:6443",
      token: "A",
      "node-label": labels.sort(),
      "node-taint": ["dedicated=iot:NoSchedule"],
    }),
  );
  expect(userData).not.toContain("PRIVATE KEY");
  expect(agentUserData(cluster, pool, { server: "https://192.0.2.1:6443", token: "A" })).toBe(userData);
});

test("renders a kubeconfig for the cluster", () => {
  const text = kubeconfigFor({
    cluster: "tokyo",
    server: "https://192.0.2.1:6443",
    certificateAuthority: "CA",
    certificate: "C",
    key: "K",
  });
  expect(parse(text)).toMatchObject({
    "current-context": "tokyo",
    clusters: [{ name: "tokyo", cluster: { server: "https://192.0.2.1:6443", "certificate-authority-data": "Q0E=" } }],
  });
});

test("installs the K3s release of a cluster, with the checksums that the fleet states", () => {
  const sha256 = { amd64: "0a".repeat(32), arm64: "0b".repeat(32) };
  expect(k3sInstallation(cluster)).toBeUndefined();
  expect(k3sInstallation({ kubernetesVersion: "1.36.3", k3s: { sha256 } })).toEqual({
    version: "v1.36.3+k3s1",
    source: "https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1",
    sha256,
  });
  const mirror = { version: "v1.36.3+k3s2", source: "s3://mirror/k3s", sha256 };
  expect(k3sInstallation({ kubernetesVersion: "1.36.3", k3s: mirror })).toEqual(mirror);
  expect(architecturesOf(cluster)).toEqual(["amd64", "arm64"]);
});

test("rejects user data that EC2 would not accept", () => {
  const fits = "a".repeat(MAX_USER_DATA_BYTES);
  expect(() => checkUserDataSize(fits, "the servers of tokyo")).not.toThrow();
  expect(() => checkUserDataSize(`${fits.slice(2)}ü€`, "the servers of tokyo")).toThrow(
    "user data of the servers of tokyo: must be at most 16384 bytes, got 16387",
  );
});

test("omits the hardening settings for which the cluster has an exception", () => {
  const reason = "a test";
  const exceptions = (["audit", "pod-security", "event-rate-limit", "kernel-defaults"] as const).map((setting) => ({
    setting,
    reason,
  }));
  const hardening = { exceptions };
  const hardened = hardenConfig("server", {}, { "kube-apiserver-arg": ["v=2"] });
  expect(hardened["kube-apiserver-arg"]).toContain("v=2");
  expect(hardened["protect-kernel-defaults"]).toBe(true);
  expect(hardenConfig("server", { hardening }, { "kube-apiserver-arg": ["v=2"] })).toEqual({
    ...hardened,
    "kube-apiserver-arg": ["v=2", "service-account-extend-token-expiration=false"],
    "protect-kernel-defaults": undefined,
  });
  expect(hardeningFiles("server", { hardening })).toEqual([]);
  expect(hardenConfig("agent", {}, {})["kube-apiserver-arg"]).toBeUndefined();
});
