import { keptTokens } from "../../../cli/cluster/kept-tokens";
import { describeLoss, renderSnapshots } from "../../../cli/cluster/snapshots-table";
import { isRefused, type LiveVersions, planUpgrades, renderUpgradePlan } from "../../../cli/cluster/upgrade-plan";
import { listSnapshots } from "../../../components/clusters/snapshots-api";
import { loadKubeConfig } from "../../../components/clusters/load-kubeconfig";
import type { Snapshot } from "../../../fleet/k3s/snapshots";
import { parseFleet } from "../../../fleet/reading/parse";
import { StandInApiServer } from "../support/stand-in-api-server";

const OLD = "v1.35.4+k3s1";
const NEW = "v1.36.3+k3s1";
const pool = (name: string, count: number) => ({ name, region: "tokyo", device: "raspberry-pi-5", count });
const fleet = parseFleet({
  name: "small",
  regions: [{ name: "tokyo", latitude: 35, longitude: 139 }],
  upgrades: {
    canary: { clusters: ["test"] },
    concurrency: 2,
    window: { days: ["sunday"], start: "02:00", end: "04:00" },
  },
  clusters: [
    { name: "east", homeRegion: "tokyo", servers: 3, nodePools: [pool("gw", 5), pool("pi", 1)] },
    { name: "test", homeRegion: "tokyo", nodePools: [] },
  ],
});
const runs = (servers: string, agents = servers): LiveVersions => ({
  servers: [{ name: "server-01", version: servers }],
  agents: [{ name: "agent-01", version: agents }],
});

test("shows clusters, waves, nodes, windows and batches in their order", () => {
  const planned = planUpgrades(
    fleet,
    new Map([
      ["east", runs(NEW, OLD)],
      ["test", runs(NEW)],
    ]),
  );
  expect(renderUpgradePlan(planned)).toBe(
    [
      "stage 1",
      `  test (canary): ${NEW}, nothing to do, window sunday 02:00 to 04:00 UTC`,
      "stage 2, when stage 1 is complete and Ready",
      `  east: ${OLD}, ${NEW} → ${NEW}, window sunday 02:00 to 04:00 UTC`,
      "    1. servers: 3 servers, 1 at once, 3 batches",
      "    2. gw: 5 nodes, 2 at once, 3 batches",
      "    3. pi: 1 node, 2 at once, 1 batch",
    ].join("\n"),
  );
  expect(planned.some(isRefused)).toBe(false);
});

test("shows why an upgrade is refused, and which cluster does not answer", () => {
  const planned = planUpgrades(fleet, new Map([["test", runs("v1.34.0+k3s1")]]));
  expect(renderUpgradePlan(planned)).toContain(
    "    refused: server-01 runs v1.34.0+k3s1: an upgrade to v1.36.3+k3s1 would skip",
  );
  expect(renderUpgradePlan(planned)).toContain("    unknown: no kubeconfig: run skerry kubeconfig");
  expect(planned.map(isRefused)).toEqual([true, false]);
});

test("says that a fleet without upgrades has none", () => {
  expect(renderUpgradePlan([])).toContain("has no upgrades");
});

describe("the tokens in a state", () => {
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });
  const urn = (name: string) => `urn:pulumi:production::skerry::pulumi-nodejs:dynamic/clusters:Tokens::${name}`;

  test("are the one in force and the retired ones, newest first", () => {
    const retiredServerTokens = secret([
      { token: "a", retired: "2026-01-01T00:00:00Z" },
      { token: "b", retired: "2026-02-01T00:00:00Z" },
    ]);
    const resources = [
      { urn: urn("middle-east-tokens"), outputs: { serverToken: secret("other") } },
      { urn: urn("east-authority"), outputs: { files: secret({}) } },
      { urn: urn("east-tokens"), outputs: { serverToken: secret("c"), retiredServerTokens } },
    ];
    expect(keptTokens({ resources }, "east")).toEqual([
      { token: "c" },
      { token: "b", retired: "2026-02-01T00:00:00Z" },
      { token: "a", retired: "2026-01-01T00:00:00Z" },
    ]);
  });

  test("are none for a cluster that is not in the state", () => {
    expect(keptTokens({ resources: [{ urn: urn("east-tokens"), outputs: { serverToken: "c" } }] }, "west")).toEqual([]);
    expect(keptTokens({}, "west")).toEqual([]);
  });
});

describe("the table of snapshots", () => {
  const now = Date.parse("2026-11-27T10:00:00Z");
  const snapshot = (changes: Partial<Snapshot>): Snapshot => ({
    name: "etcd-1",
    location: "s3://snapshots/east/etcd-1",
    node: "server-01",
    takenAt: "2026-11-27T09:50:30Z",
    bytes: 3 * 2 ** 20,
    ready: true,
    ...changes,
  });

  test("shows what an outage would lose", () => {
    expect(describeLoss([snapshot({ ready: false }), snapshot({})], now)).toMatch(/the changes of the last 9m30s$/);
    expect(describeLoss([snapshot({ location: "file:///a" })], now)).toMatch(
      /every snapshot is on the disk of a server$/,
    );
    expect(describeLoss([], now)).toMatch(/there is no snapshot$/);
  });

  test("shows size, place, age and failure", () => {
    const table = renderSnapshots([snapshot({}), snapshot({ name: "etcd-2", ready: false, error: "disk full" })], now);
    expect(table).toMatch(/etcd-1 +9m30s ago +3\.0 MiB +s3:\/\/snapshots\/east\/etcd-1/);
    expect(table).toMatch(/etcd-2 .*failed: disk full/);
  });
});

test("lists what K3s records, newest first", async () => {
  const server = await new StandInApiServer("secret").start();
  const file = (snapshotName: string, creationTime: string) => ({
    metadata: { labels: {} },
    spec: { snapshotName, location: "s3://a/b" },
    status: { creationTime, readyToUse: true, size: "1024" },
  });
  server.snapshots = [file("older", "2026-11-27T09:00:00Z"), file("newer", "2026-11-27T09:15:00Z")];
  const snapshots = await listSnapshots(await loadKubeConfig(server.kubeconfig));
  server.stop();
  expect(snapshots.map(({ name, bytes }) => [name, bytes])).toEqual([
    ["newer", 1024],
    ["older", 1024],
  ]);
});
