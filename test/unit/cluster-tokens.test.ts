import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import { operations as activeToken } from "../../components/clusters/active-server-token-operations";
import { operations as adminCertificate } from "../../components/clusters/admin-certificate-operations";
import { joinTokenOperations, type SecretApi } from "../../components/clusters/join-token-operations";
import { operations as tokens } from "../../components/clusters/tokens-operations";
import { clientAuthority, type ClusterAuthority, createClusterAuthority } from "../../fleet/k3s/authority";
import { parseToken } from "../../fleet/k3s/token";
import { createAuthority, issueCertificate } from "../../fleet/pki";

// Keys are slow to create on a busy machine.
jest.setTimeout(60_000);

let authority: ClusterAuthority;
beforeAll(async () => {
  authority = await createClusterAuthority("tokyo");
});
const bundle = (): string => authority.files["server-ca.crt"]!;

describe("the tokens of a cluster", () => {
  const inputs = (rotations: { serverToken: number; agentToken: number }) => ({ authority: bundle(), rotations });
  const none = { serverToken: 0, agentToken: 0 };

  test("are created once, the server token for servers and the agent token for agents", async () => {
    const { outs } = await tokens.create(inputs(none));
    expect(parseToken(outs!.serverToken).credentials).toMatchObject({ kind: "password", user: "server" });
    expect(parseToken(outs!.agentToken).credentials).toMatchObject({ kind: "password", user: "node" });
    expect(outs!.agentToken).not.toContain(outs!.serverToken.split(":").at(-1)!);
    expect(await tokens.diff!("", outs!, inputs(none))).toMatchObject({ changes: false, replaces: [] });
  });

  test("a rotation replaces one token, and keeps every server token that snapshots may need", async () => {
    const { outs: first } = await tokens.create(inputs(none));
    const rotated = inputs({ serverToken: 1, agentToken: 0 });
    expect(await tokens.diff!("", first!, rotated)).toMatchObject({ changes: true, replaces: [] });
    const { outs: second } = await tokens.update!("", first!, rotated);
    expect(second!.serverToken).not.toBe(first!.serverToken);
    expect(second!.agentToken).toBe(first!.agentToken);
    const { outs: third } = await tokens.update!("", second!, inputs({ serverToken: 2, agentToken: 1 }));
    expect(third!.agentToken).not.toBe(first!.agentToken);
    expect(third!.retiredServerTokens.map(({ token }) => token)).toEqual([first!.serverToken, second!.serverToken]);
    for (const { retired } of third!.retiredServerTokens) {
      expect(Math.abs(Date.now() - Date.parse(retired))).toBeLessThan(60_000);
    }
  });
});

test("the administrator's certificate is renewed when it is rotated", async () => {
  const inputs = (rotation: number) => ({ authority: clientAuthority(authority.files), rotation });
  const { outs } = await adminCertificate.create(inputs(0));
  expect(await adminCertificate.diff!("", outs!, inputs(0))).toMatchObject({ changes: false });
  expect(await adminCertificate.diff!("", outs!, inputs(1))).toMatchObject({ changes: true });
  const { outs: renewed } = await adminCertificate.update!("", outs!, inputs(1));
  expect(renewed!.certificate).not.toBe(outs!.certificate);
  const late = { ...outs!, expires: new Date(Date.now() + 86_400_000).toISOString() };
  expect(await adminCertificate.diff!("", late, inputs(0))).toMatchObject({ changes: true });
});

describe("the server token that a cluster uses", () => {
  let server: Server;
  let url: string;
  let certificateAuthority: string;
  /** The password that the cluster uses, and the requests that it got. */
  let password: string;
  let requests: string[];
  let status: number | undefined;

  beforeAll(async () => {
    const root = await createAuthority({ commonName: "root" });
    const { certificate, key } = await issueCertificate(root, {
      ...{ commonName: "api", ipAddresses: ["127.0.0.1"], usage: "server", days: 1 },
    });
    certificateAuthority = root.certificate;
    server = createServer({ cert: certificate, key }, (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        requests.push(`${request.method} ${request.url}`);
        const [, got] = Buffer.from(request.headers.authorization!.slice(6), "base64").toString().split("server:");
        response.statusCode = status ?? (got === password ? 200 : 401);
        if (response.statusCode === 200) password = (JSON.parse(body) as { newToken: string }).newToken;
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    [password, requests, status] = ["old", [], undefined];
  });

  const state = (value: string, server = url) => ({
    server,
    certificateAuthority,
    token: `K10${"0".repeat(64)}::server:${value}`,
  });

  test("is that of a new cluster, without a request", async () => {
    expect((await activeToken.create(state("old"))).outs).toEqual(state("old"));
    expect(requests).toEqual([]);
    expect(await activeToken.diff!("", state("old"), state("old"))).toMatchObject({ changes: false });
  });

  test("is rotated by the running cluster", async () => {
    expect(await activeToken.diff!("", state("old"), state("new"))).toMatchObject({ changes: true });
    expect((await activeToken.update!("", state("old"), state("new"))).outs).toEqual(state("new"));
    expect({ password, requests }).toEqual({ password: "new", requests: ["PUT /v1-k3s/token"] });
  });

  test("is rotated once, even if the update was interrupted after the request", async () => {
    password = "new";
    await activeToken.update!("", state("old"), state("new"));
    expect(password).toBe("new");
  });

  test.each([
    ["another password", () => [(password = "other")], "uses neither the recorded nor the new token"],
    ["an error", () => [(status = 500)], "HTTP status 500"],
  ])("stays in the state if the cluster answers with %s", async (_name, prepare, message) => {
    prepare();
    const update = activeToken.update!("", state("oldSecret"), state("newSecret"));
    await expect(update).rejects.toThrow(message);
    await expect(update).rejects.not.toThrow(/oldSecret|newSecret/);
  });

  test("is not rotated by a cluster that cannot be reached or that has another authority", async () => {
    const closed = activeToken.update!("", state("old"), state("new", "https://127.0.0.1:1"));
    await expect(closed).rejects.toThrow("https://127.0.0.1:1 must be reachable to rotate its server token");
    const { certificate } = await createAuthority({ commonName: "other" });
    const news = { ...state("new"), certificateAuthority: certificate };
    await expect(activeToken.update!("", state("old"), news)).rejects.toThrow("must be reachable");
    expect(password).toBe("old");
  });
});

describe("the join token of a pool", () => {
  function fake(missing = false) {
    const secrets = new Map<string, { type?: string; stringData?: Record<string, string> }>();
    const api: SecretApi = {
      createNamespacedSecret: async ({ body, namespace }) => {
        secrets.set(`${namespace}/${body.metadata!.name!}`, body);
        return body;
      },
      deleteNamespacedSecret: async ({ name, namespace }) => {
        if (missing) throw Object.assign(new Error("not found"), { code: 404 });
        secrets.delete(`${namespace}/${name}`);
        return {};
      },
      readNamespacedSecret: async ({ name, namespace }) => {
        const found = secrets.get(`${namespace}/${name}`);
        if (!found) throw Object.assign(new Error("not found"), { code: 404 });
        return found;
      },
    };
    return { secrets, operations: joinTokenOperations(async () => api) };
  }
  const inputs = (change: object = {}) => ({
    ...{ cluster: "tokyo", pool: "sydney-gw", authority: bundle(), kubeconfig: "K", hours: 24, issue: 1, count: 2 },
    ...change,
  });

  test("is a Secret with an expiry, and a secure token with its id", async () => {
    const { secrets, operations } = fake();
    const { outs } = await operations.create(inputs());
    const { tokenId, token, expires } = outs!;
    expect(parseToken(token).credentials).toMatchObject({ kind: "bootstrap", id: tokenId });
    const secret = secrets.get(`kube-system/bootstrap-token-${tokenId}`)!;
    expect(secret.type).toBe("bootstrap.kubernetes.io/token");
    expect(secret.stringData!.expiration).toBe(expires.replace(/\.\d+Z$/, "Z"));
    expect(Math.round((Date.parse(expires) - Date.now()) / 3_600_000)).toBe(24);
  });

  test("is issued again when it is raised or the pool changes, and the old one is revoked", async () => {
    const { secrets, operations } = fake();
    const { outs } = await operations.create(inputs());
    expect(await operations.diff!("", outs!, inputs())).toMatchObject({ changes: false });
    for (const change of [{ issue: 2 }, { count: 3 }, { hours: 48 }]) {
      expect(await operations.diff!("", outs!, inputs(change))).toMatchObject({ changes: true, replaces: [] });
      const { outs: next } = await operations.update!("", outs!, inputs(change));
      expect(next!.token).not.toBe(outs!.token);
      expect([...secrets.keys()]).toEqual([`kube-system/bootstrap-token-${next!.tokenId}`]);
      secrets.clear();
    }
  });

  test("stays when only the administrator's kubeconfig changes, which a later deletion needs", async () => {
    const { secrets, operations } = fake();
    const { outs } = await operations.create(inputs());
    expect(await operations.diff!("", outs!, inputs({ kubeconfig: "new" }))).toMatchObject({ changes: true });
    const { outs: next } = await operations.update!("", outs!, inputs({ kubeconfig: "new" }));
    expect(next).toEqual({ ...outs!, kubeconfig: "new" });
    expect(secrets.size).toBe(1);
  });

  test("is found missing by a refresh only while it is valid", async () => {
    const { secrets, operations } = fake();
    const { outs } = await operations.create(inputs());
    expect(await operations.read!("id", outs)).toEqual({ id: "id", props: outs });
    secrets.clear();
    expect(await operations.read!("id", outs)).toEqual({});
    const expired = { ...outs!, expires: "2020-01-01T00:00:00Z" };
    expect(await operations.read!("id", expired)).toEqual({ id: "id", props: expired });
  });

  test("is revoked when it is deleted, and K3s may have deleted it before", async () => {
    const { secrets, operations } = fake();
    const { outs } = await operations.create(inputs());
    await operations.delete!("", outs!);
    expect(secrets.size).toBe(0);
    await expect(fake(true).operations.delete!("", outs!)).resolves.toBeUndefined();
  });
});
