import { operations } from "../../../components/clusters/upgrade-preflight-operations";
import { secureToken, tokenPassword } from "../../../fleet/k3s/token";
import { createAuthority } from "../../../fleet/pki";
import { CONTROL_PLANE } from "../../../fleet/labels";
import { StandInApiServer } from "../support/stand-in-api-server";

const OLD = "v1.35.4+k3s1";
const NEW = "v1.36.3+k3s1";
const PASSWORD = "0123456789abcdef";

let server: StandInApiServer;
beforeEach(async () => {
  server = await new StandInApiServer(PASSWORD).start();
  server.addNode("server-01", OLD, { [CONTROL_PLANE]: "true" });
  server.addNode("agent-01", OLD, {});
});
afterEach(() => server.stop());

const backup = { everyMinutes: 15, keep: 96, s3: { bucket: "snapshots", region: "eu-central-1" } };
const inputs = async (changes: object = {}) => {
  const { certificate } = await createAuthority({ commonName: "any", years: 1 });
  const serverToken = secureToken(certificate, { kind: "password", user: "server", password: PASSWORD });
  expect(tokenPassword(serverToken)).toBe(PASSWORD);
  return { cluster: "east", kubeconfig: server.kubeconfig, version: NEW, serverToken, ...changes };
};

test("takes a snapshot before an upgrade, in the bucket of the cluster", async () => {
  const { outs } = await operations.create(await inputs({ backup }));
  expect(outs).toMatchObject({ snapshot: "before-v1.36.3-k3s1-server-01-1" });
  expect(server.snapshotRequests).toEqual([
    {
      operation: "save",
      name: ["before-v1.36.3-k3s1"],
      compress: true,
      s3: {
        endpoint: "s3.amazonaws.com",
        region: "eu-central-1",
        bucket: "snapshots",
        folder: "east",
        retention: 96,
        timeout: "5m0s",
      },
    },
  ]);
});

test("takes no snapshot of a cluster that runs the version", async () => {
  const { outs } = await operations.create(await inputs({ version: OLD }));
  expect(outs).toMatchObject({ snapshot: "" });
  expect(server.snapshotRequests).toEqual([]);
});

test("refuses a downgrade and a skipped minor version before it takes a snapshot", async () => {
  await expect(operations.create(await inputs({ version: "v1.35.3+k3s1" }))).rejects.toThrow(
    "cluster east must not change to v1.35.3+k3s1:\n  server-01 runs v1.35.4+k3s1: a server must not be newer",
  );
  await expect(operations.create(await inputs({ version: "v1.37.0+k3s1" }))).rejects.toThrow("skip a minor version");
  expect(server.snapshotRequests).toEqual([]);
});

test("a preview reports the refusal as well", async () => {
  const news = await inputs({ version: "v1.37.0+k3s1" });
  const checked = await operations.check!({ ...news, version: OLD }, news);
  expect(checked.failures).toEqual([{ property: "version", reason: expect.stringContaining("skip a minor version") }]);
  expect((await operations.check!({ ...news, version: OLD }, await inputs())).failures).toBeUndefined();
});

test("a preview neither fails for a cluster that does not answer, nor asks one whose version stays", async () => {
  const news = await inputs({ version: "v1.37.0+k3s1" });
  expect((await operations.check!(news, news)).failures).toBeUndefined();
  expect(server.requests).toEqual([]);
  server.stop();
  expect((await operations.check!({} as never, news)).failures).toBeUndefined();
});

test("a renewed certificate takes no further snapshot", async () => {
  const news = await inputs();
  const olds = { ...news, kubeconfig: "old", snapshot: "before" };
  expect(await operations.diff!("", olds, news)).toEqual({ changes: true });
  expect(await operations.update!("", olds, news)).toEqual({ outs: { ...news, snapshot: "before" } });
});

test("says that the token is wrong, without the token", async () => {
  const token = "K10" + "0".repeat(64) + "::server:another";
  const failure = operations.create(await inputs({ serverToken: token }));
  await expect(failure).rejects.toThrow("K3s does not accept the server token");
  await expect(failure).rejects.not.toThrow("another");
});

describe("without a server token", () => {
  const file = (minutesAgo: number, location: string, ready = true) => ({
    metadata: { labels: {} },
    spec: { snapshotName: `etcd-${minutesAgo}`, location },
    status: { creationTime: new Date(Date.now() - minutesAgo * 60_000).toISOString(), readyToUse: ready },
  });
  const prepare = async (...snapshots: object[]) => {
    server.snapshots = snapshots;
    return operations.create(await inputs({ serverToken: undefined, backup }));
  };

  test("accepts a recent snapshot off the node", async () => {
    const { outs } = await prepare(file(50, "s3://snapshots/east/a"), file(70, "s3://snapshots/east/b"));
    expect(outs).toMatchObject({ snapshot: "etcd-50" });
  });

  test.each([
    ["none", []],
    ["an old one", [file(61, "s3://snapshots/east/a")]],
    ["one on the disk of a server", [file(5, "file:///var/lib/rancher/k3s/server/db/snapshots/a")]],
    ["a failed one", [file(5, "s3://snapshots/east/a", false)]],
  ])("refuses %s", async (_, snapshots) => {
    await expect(prepare(...snapshots)).rejects.toThrow("an upgrade requires a snapshot of the last 60 minutes");
  });
});
