import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import type { CoreV1Api, KubeConfig } from "@kubernetes/client-node";

import { collectExpiries } from "../../cli/status/expiries";
import { clientAuthority, type ClusterAuthority, createClusterAuthority } from "../../fleet/k3s/authority";
import { issueCertificate } from "../../fleet/pki";

// Keys are slow to create on a busy machine.
jest.setTimeout(60_000);

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

let authority: ClusterAuthority;
let server: Server;
beforeAll(async () => {
  authority = await createClusterAuthority("east");
  const bundle = authority.files["server-ca.crt"]!;
  const leaf = await issueCertificate(
    { certificate: bundle, key: authority.files["server-ca.key"]! },
    { commonName: "kube-apiserver", usage: "server", days: 365 },
  );
  server = createServer({ cert: leaf.certificate + bundle, key: leaf.key });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

function fake({ forbidden = false } = {}): CoreV1Api {
  const answer = async <T>(value: T): Promise<T> => {
    if (forbidden) throw Object.assign(new Error("forbidden"), { code: 403 });
    return value;
  };
  const client = clientAuthority(authority.files);
  const api: Partial<CoreV1Api> = {
    readNamespacedConfigMap: async () =>
      answer({
        data: {
          "client-ca-file": authority.files["client-ca.crt"]!,
          "requestheader-client-ca-file": authority.files["request-header-ca.crt"]!,
        },
      }),
    listSecretForAllNamespaces: async () => {
      const { certificate } = await issueCertificate(client, { commonName: "cloud", usage: "server", days: 200 });
      const data = { "tls.crt": base64(certificate), "tls.key": base64("KEY"), "ca.crt": base64(client.certificate) };
      return answer({ items: [{ metadata: { namespace: "mqtt", name: "cloud-tls" }, data }] });
    },
    listNamespacedSecret: async () => {
      const data = { "token-id": base64("abc123"), "token-secret": base64("SECRET") };
      const expiration = base64("2026-11-25T10:00:00Z");
      return answer({ items: [{ data: { ...data, expiration } }, { data }] });
    },
  };
  return api as CoreV1Api;
}

async function config(): Promise<KubeConfig> {
  const { certificate } = await issueCertificate(clientAuthority(authority.files), {
    ...{ commonName: "system:admin", usage: "client", days: 100 },
  });
  const { port } = server.address() as AddressInfo;
  return {
    getCurrentCluster: () => ({ server: `https://127.0.0.1:${port}` }),
    getCurrentUser: () => ({ certData: base64(certificate) }),
  } as unknown as KubeConfig;
}

test("finds the expiry of every certificate, authority and bootstrap token, and keeps no secret", async () => {
  const expiries = await collectExpiries(fake(), await config());
  const found = expiries.map(({ kind, name, expires }) => [kind, name, expires.slice(0, 10)]);
  const tenYears = inDays(3650);
  expect(found).toEqual([
    ["admin-certificate", "system:admin", inDays(100)],
    ["server-certificate", "kube-apiserver", inDays(365)],
    ["authority", "east server-ca", tenYears],
    ["authority", "east intermediate", tenYears],
    ["authority", "east root", inDays(7300)],
    ["authority", "east client-ca", tenYears],
    ["authority", "east request-header-ca", tenYears],
    ["broker-certificate", "mqtt/cloud-tls", inDays(200)],
    ["bootstrap-token", "abc123", "2026-11-25"],
  ]);
  expect(JSON.stringify(expiries)).not.toMatch(/KEY|SECRET|BEGIN/);
});

test("without permission to read Secrets, reports what the connection shows", async () => {
  const expiries = await collectExpiries(fake({ forbidden: true }), await config());
  expect(expiries.map(({ kind }) => kind)).toEqual([
    "admin-certificate",
    "server-certificate",
    "authority",
    "authority",
    "authority",
  ]);
});
