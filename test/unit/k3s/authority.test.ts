import { X509Certificate } from "node:crypto";

import { parse } from "yaml";

import {
  clientAuthority,
  type ClusterAuthority,
  createClusterAuthority,
  issueAdminCertificate,
  SERVER_TLS_FILES,
} from "../../../fleet/k3s/authority";
import { kubeconfigFor } from "../../../fleet/k3s/kubeconfig";
import { expiryOf, parseCertificates } from "../../../fleet/pki";

// Keys are slow to create on a busy machine.
jest.setTimeout(60_000);

let authority: ClusterAuthority;
beforeAll(async () => {
  authority = await createClusterAuthority("frankfurt");
});

test("creates the files that K3s reads, and keeps the keys of root and intermediate out of them", () => {
  expect(Object.keys(authority.files).sort()).toEqual([...SERVER_TLS_FILES].sort());
  for (const key of [authority.rootKey, authority.intermediateKey]) {
    expect(key).toContain("BEGIN PRIVATE KEY");
    for (const content of Object.values(authority.files)) expect(content).not.toContain(key.trim());
  }
});

test("creates files that fit into a standard parameter of AWS Parameter Store, which holds 4 KB", () => {
  for (const [path, content] of Object.entries(authority.files)) {
    expect({ path, fits: Buffer.byteLength(content) <= 4096 }).toEqual({ path, fits: true });
  }
});

test("creates bundles that chain to the root of the cluster", () => {
  for (const [path, text] of Object.entries(authority.files).filter(([name]) => name.endsWith(".crt"))) {
    const chain = parseCertificates(text).map(({ node }) => node);
    expect({ path, length: chain.length }).toEqual({ path, length: 3 });
    chain.forEach((certificate, index) => {
      expect(certificate.ca).toBe(true);
      expect(certificate.verify((chain[index + 1] ?? certificate).publicKey)).toBe(true);
    });
    expect(chain[2]!.toString()).toBe(authority.rootCertificate.trimEnd() + "\n");
  }
});

test("gives every cluster a root of its own", async () => {
  const other = await createClusterAuthority("frankfurt");
  expect(other.rootCertificate).not.toBe(authority.rootCertificate);
  const { certificate } = await issueAdminCertificate(clientAuthority(other.files), 365);
  expect(
    new X509Certificate(certificate).verify(new X509Certificate(authority.files["client-ca.crt"]!).publicKey),
  ).toBe(false);
});

test("issues the administrator certificate from the client authority", async () => {
  const { certificate } = await issueAdminCertificate(clientAuthority(authority.files), 365);
  const issued = new X509Certificate(certificate);
  expect(issued.verify(new X509Certificate(authority.files["client-ca.crt"]!).publicKey)).toBe(true);
  expect(issued.subject).toBe("O=system:masters\nCN=system:admin");
  expect(Math.round((expiryOf(certificate).getTime() - Date.now()) / 86_400_000)).toBe(365);
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
