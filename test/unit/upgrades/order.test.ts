import fc from "fast-check";

import type { Fleet } from "../../../fleet/model";
import { nodeNames, serverNames } from "../../../fleet/nodes";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetInput } from "../../../fleet/reading/schema";
import { batchesOf, upgradeOrder } from "../../../fleet/upgrades/order";
import { arbitraryFleet } from "../support/arbitrary-fleet";

const pool = (name: string, region: string, count: number) => ({ name, region, device: "raspberry-pi-5", count });
const regions = ["tokyo", "osaka", "paris"].map((name, index) => ({ name, latitude: index, longitude: index }));
const fleet: FleetInput = {
  name: "small",
  regions,
  clusters: [
    {
      name: "east",
      homeRegion: "tokyo",
      servers: 3,
      nodePools: [pool("tokyo-a", "tokyo", 5), pool("osaka-a", "osaka", 2)],
    },
    { name: "west", homeRegion: "paris", nodePools: [pool("paris-a", "paris", 3)] },
    { name: "test", homeRegion: "tokyo", nodePools: [] },
    { name: "spare", homeRegion: "paris", nodePools: [] },
  ],
};
const order = (changes: Partial<FleetInput>) => upgradeOrder(parseFleet({ ...fleet, ...changes }));
const names = (changes: Partial<FleetInput>) => order(changes).map((stage) => stage.map(({ cluster }) => cluster));

test("plans nothing for a fleet without upgrades", () => expect(order({})).toEqual([]));

test("upgrades one cluster after another by default", () => {
  expect(names({ upgrades: {} })).toEqual([["east"], ["west"], ["test"], ["spare"]]);
});

test("upgrades canary clusters one after another, in the order of the policy, and then the others together", () => {
  const upgrades = { canary: { clusters: ["test", "west"] }, parallelClusters: 5 };
  expect(names({ upgrades })).toEqual([["test"], ["west"], ["east", "spare"]]);
});

test("starts with clusters that have nodes in a canary region, and with those nodes", () => {
  const stages = order({ upgrades: { canary: { regions: ["osaka"] } } });
  expect(stages[0]!.map(({ cluster, canary }) => [cluster, canary])).toEqual([["east", true]]);
  expect(stages[0]![0]!.waves).toEqual([
    { plan: "k3s-servers", pools: [], nodes: ["east-server-01", "east-server-02", "east-server-03"], concurrency: 1 },
    { plan: "k3s-wave-1", pools: ["osaka-a"], nodes: ["osaka-a-01", "osaka-a-02"], concurrency: 1 },
    { plan: "k3s-wave-2", pools: ["tokyo-a"], nodes: expect.any(Array) as string[], concurrency: 1 },
  ]);
});

test("follows the waves of a cluster, and appends pools that they omit", () => {
  const [east, ...rest] = fleet.clusters;
  const clusters = [
    { ...east!, upgrades: { waves: [{ pools: ["osaka-a"], concurrency: 2 }], concurrency: 3 } },
    ...rest,
  ];
  const [, ...agents] = order({ upgrades: {}, clusters })[0]![0]!.waves;
  expect(agents.map(({ pools, concurrency }) => [pools, concurrency])).toEqual([
    [["osaka-a"], 2],
    [["tokyo-a"], 3],
  ]);
  expect(agents.map(batchesOf)).toEqual([1, 2]);
});

test("a cluster's window and drain replace those of the fleet", () => {
  const window = { days: ["sunday" as const], start: "01:00", end: "02:00" };
  const [east, ...rest] = fleet.clusters;
  const clusters = [{ ...east!, upgrades: { window, drain: { timeoutSeconds: 60 } } }, ...rest];
  const upgrades = { window: { ...window, days: ["monday" as const] }, parallelClusters: 4 };
  const [first, second] = order({ upgrades, clusters })[0]!;
  expect(first).toMatchObject({ window: { days: ["sunday"], timeZone: "UTC" }, drain: { timeoutSeconds: 60 } });
  expect(second).toMatchObject({ window: { days: ["monday"] }, drain: { timeoutSeconds: 600, force: false } });
});

test("upgrades every node of every cluster exactly once, servers first", () => {
  const canary = fc.record({
    clusters: fc.subarray(["cluster-0", "cluster-1"]),
    regions: fc.subarray(["tokyo", "sydney"]),
  });
  fc.assert(
    fc.property(arbitraryFleet, canary, fc.integer({ min: 1, max: 3 }), (any: Fleet, chosen, parallelClusters) => {
      const upgrades = { ...parseFleet({ ...fleet, upgrades: {} }).upgrades!, canary: chosen, parallelClusters };
      const stages = upgradeOrder({ ...any, upgrades });
      const upgraded = stages.flat();
      expect(upgraded.map(({ cluster }) => cluster).sort()).toEqual(any.clusters.map(({ name }) => name).sort());
      const firstOther = upgraded.findIndex((each) => !each.canary);
      expect(upgraded.slice(firstOther === -1 ? upgraded.length : firstOther).some((each) => each.canary)).toBe(false);
      for (const { cluster, waves } of upgraded) {
        const spec = any.clusters.find(({ name }) => name === cluster)!;
        expect(waves[0]!.nodes).toEqual(serverNames(spec));
        expect(waves[0]!.concurrency).toBe(1);
        const agents = waves.slice(1).flatMap(({ nodes }) => nodes);
        expect(agents.sort()).toEqual(spec.nodePools.flatMap(nodeNames).sort());
        expect(new Set(waves.map(({ plan }) => plan)).size).toBe(waves.length);
      }
    }),
  );
});
