import { createHash, X509Certificate } from "node:crypto";

import { parse } from "yaml";

import {
  createClusterAuthority,
  clientAuthority,
  issueAdminCertificate,
  type ClusterAuthority,
} from "../../fleet/k3s/authority";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
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
  expect(files.every(({ permissions }) => permissions === "0600")).toBe(true);
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
  expect((parse(userData) as CloudConfig).runcmd).toEqual([["systemctl", "enable", "--now", "k3s"]]);
});

test("gives agents the agent token, labels and taints, but no secret of a server", () => {
  const userData = agentUserData(cluster, pool, { server: "https://192.0.2.1:6443", token: "A" });
  const labels = Object.entries(nodeLabels(pool)).map(([key, value]) => `${key}=${value}`);
  expect(config(userData)).toEqual({
    server: "https://192.0.2.1:6443",
    token: "A",
    "node-label": labels.sort(),
    "node-taint": ["dedicated=iot:NoSchedule"],
  });
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
