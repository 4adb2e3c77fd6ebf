import fc from "fast-check";

import { findServerRisks } from "../../cli/pulumi/server-risks";
import { FINISHED_RESTORE_VARIABLE } from "../../components/clusters/ordered-restore";
import { operations } from "../../components/clusters/server-set-operations";
import { findServerRisk } from "../../components/clusters/server-set-state";
import { operations as serverOperations } from "../../components/nodes/lab/server-operations";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";

const olds = { cluster: "tokyo", servers: 3, generation: 1, device: "m6i.large" };
const sizes = fc.constantFrom(1, 3, 5);

test("servers may be added, and replaced while there are several", () => {
  expect(findServerRisk({ ...olds, servers: 1 }, olds, "")).toBeUndefined();
  expect(findServerRisk(olds, { ...olds, servers: 5 }, "")).toBeUndefined();
  expect(findServerRisk(olds, { ...olds, generation: 2, device: "m6i.xlarge" }, "")).toBeUndefined();
});

test("fewer servers are refused unless the cluster is named", () => {
  fc.assert(
    fc.property(sizes, sizes, (before, after) => {
      const risk = (permitted: string) =>
        findServerRisk({ ...olds, servers: before }, { ...olds, servers: after }, permitted);
      const refused = after < before;
      expect(risk("") !== undefined).toBe(refused);
      expect(risk("osaka,kyoto") !== undefined).toBe(refused);
      expect(risk("osaka,tokyo")).toBeUndefined();
    }),
  );
  expect(findServerRisk(olds, { ...olds, servers: 1 }, "")).toMatch(
    /^clusters\.tokyo\.servers: must not be reduced from 3 to 1.*SKERRY_REMOVE_SERVERS=tokyo$/,
  );
});

test("the replacement of the only server is refused, also together with growth", () => {
  const one = { ...olds, servers: 1 };
  expect(findServerRisk(one, { ...one, generation: 2 }, "tokyo")).toMatch(
    /^clusters\.tokyo\.serverGeneration: must not change from 1 to 2/,
  );
  expect(findServerRisk(one, { ...olds, generation: 2 }, "")).toMatch(/serverGeneration/);
  expect(findServerRisk(one, { ...one, device: "m6i.xlarge" }, "")).toMatch(/serverDevice/);
});

test("a risk fails the diff, which Pulumi calls during the preview", async () => {
  await expect(operations.diff!("tokyo", olds, { ...olds, servers: 1 })).rejects.toThrow(/must not be reduced/);
  expect(await operations.diff!("tokyo", olds, olds)).toEqual({ changes: false });
});

describe("a cluster that is being restored", () => {
  const restoring = { id: "r1", snapshot: "a.zip" };
  const restored = { ...olds, restoring };
  afterEach(() => void delete process.env[FINISHED_RESTORE_VARIABLE]);

  test("is not updated by a program that does not know of the restore", async () => {
    await expect(operations.diff!("tokyo", restored, olds)).rejects.toThrow(
      "cluster tokyo is being restored: finish the restore first, with skerry cluster restore tokyo a.zip",
    );
    process.env[FINISHED_RESTORE_VARIABLE] = "osaka";
    await expect(operations.diff!("tokyo", restored, olds)).rejects.toThrow("is being restored");
  });

  test("is recorded, also when another snapshot is restored instead", async () => {
    expect(await operations.diff!("tokyo", olds, restored)).toEqual({ changes: true });
    expect(await operations.diff!("tokyo", restored, restored)).toEqual({ changes: false });
    const other = { ...olds, restoring: { id: "r2", snapshot: "b.zip" } };
    expect(await operations.diff!("tokyo", restored, other)).toEqual({ changes: true });
  });

  test("is updated again once the restore has finished", async () => {
    process.env[FINISHED_RESTORE_VARIABLE] = "tokyo";
    expect(await operations.diff!("tokyo", restored, olds)).toEqual({ changes: true });
    expect(await operations.update!("tokyo", restored, olds)).toEqual({ outs: olds });
  });
});

test("skerry up finds the risks of all clusters in the state of the stack", () => {
  const { clusters } = parseFleet(local);
  const resource = (cluster: string, change: object) => ({
    type: "pulumi-nodejs:dynamic/clusters:ServerSet",
    outputs: { ...olds, cluster, servers: 1, ...change },
  });
  const deployed = [resource("tokyo", { servers: 3 }), resource("frankfurt", { generation: 2 }), resource("gone", {})];
  expect(findServerRisks({ resources: [...deployed, { type: "other" }] }, clusters)).toEqual([
    expect.stringMatching(/^clusters\.frankfurt\.serverGeneration: must not change from 2 to 1/),
    expect.stringMatching(/^clusters\.tokyo\.servers: must not be reduced from 3 to 1/),
  ]);
  expect(findServerRisks({}, clusters)).toEqual([]);
});

describe("a server of the lab", () => {
  const machine = { instanceType: "m6i.large", cpuCores: 2, memoryMiB: 8192, ephemeralGiB: 40 };
  const request = { hostname: "s-01", address: "tokyo", machine, userData: "old", credentialsRevision: "1" };
  const server = { name: "s", generation: 1, ...request };

  test("is not touched by changed user data, and restarts for changed credentials", async () => {
    expect(await serverOperations.diff!("id", server, { ...server, userData: "new" })).toMatchObject({
      changes: false,
    });
    expect(await serverOperations.diff!("id", server, { ...server, credentialsRevision: "2" })).toMatchObject({
      changes: true,
      replaces: [],
    });
  });

  test("is replaced by a new generation or other hardware, after it was deleted", async () => {
    for (const change of [{ generation: 2 }, { machine: { ...machine, cpuCores: 4 } }]) {
      expect(await serverOperations.diff!("id", server, { ...server, ...change })).toMatchObject({
        replaces: [Object.keys(change)[0]],
        deleteBeforeReplace: true,
      });
    }
  });
});
