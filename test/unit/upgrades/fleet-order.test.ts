import { setTimeout as sleep } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import { renderFleet } from "../../../charts/render";
import type { ConnectedCluster } from "../../../components/clusters/connected-cluster";
import { SkerryMocks } from "../../../components/mocks";
import { upgradeFleet, type UpgradeTarget } from "../../../components/clusters/cluster-upgrade";
import { parseFleet } from "../../../fleet/reading/parse";

const mocks = new SkerryMocks();
const inputs = new Map<string, Record<string, unknown>>();
/** The start and the end of each resource's creation, in order. */
const log: string[] = [];

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      newResource: async (resource) => {
        const { type, name } = resource;
        inputs.set(name, resource.inputs as Record<string, unknown>);
        log.push(`start ${name}`);
        if (type.startsWith("pulumi-nodejs:dynamic/")) await sleep(20);
        log.push(`end ${name}`);
        return mocks.newResource(resource);
      },
      call: (call) => mocks.call(call),
    },
    "skerry",
    "test",
  ),
);

const fleet = parseFleet({
  name: "small",
  regions: [{ name: "tokyo", latitude: 0, longitude: 0 }],
  upgrades: { canary: { clusters: ["test"] }, parallelClusters: 2 },
  clusters: ["east", "west", "test"].map((name) => ({
    name,
    homeRegion: "tokyo",
    nodePools: [{ name: `${name}-gw`, region: "tokyo", device: "raspberry-pi-5", count: 2 }],
  })),
});

test("registers each wave after the one before, and other clusters after the last wave of the canary", async () => {
  const rendered = renderFleet(fleet);
  const targets = new Map(
    rendered.map(({ cluster, plans }): [string, UpgradeTarget] => {
      const delivery = new pulumi.Stash(`${cluster}-delivery`, { input: "" });
      const connected = { kubeconfig: pulumi.secret("K"), nodePools: [] } as unknown as ConnectedCluster;
      return [cluster, { cluster: connected, plans, serverToken: pulumi.secret("T"), delivery }];
    }),
  );
  const upgraded = upgradeFleet(fleet, targets);
  await Promise.all(upgraded.map(({ last }) => new Promise((resolve) => last.urn.apply(resolve))));

  expect(upgraded).toHaveLength(3);
  const expectOrder = (first: string, second: string): void => {
    expect(log).toContain(`end ${first}`);
    expect(log.indexOf(`start ${second}`)).toBeGreaterThan(log.indexOf(`end ${first}`));
  };
  for (const cluster of ["test", "east", "west"]) {
    expectOrder(`${cluster}-delivery`, `${cluster}-upgrade-preflight`);
    expectOrder(`${cluster}-upgrade-preflight`, `${cluster}-upgrade-k3s-servers`);
    expectOrder(`${cluster}-upgrade-k3s-servers`, `${cluster}-upgrade-k3s-wave-1`);
  }
  for (const cluster of ["east", "west"]) expectOrder("test-upgrade-k3s-wave-1", `${cluster}-upgrade-preflight`);
  // Both clusters of a stage are upgraded at once.
  expect(log.indexOf("start west-upgrade-preflight")).toBeLessThan(log.indexOf("end east-upgrade-k3s-wave-1"));

  expect(inputs.get("east-upgrade-k3s-wave-1")).toMatchObject({
    pools: ["east-gw"],
    goal: { plan: "k3s-wave-1", version: "v1.36.3+k3s1", servers: false, concurrency: 1 },
    plan: { metadata: { name: "k3s-wave-1" } },
  });
});

test("a cluster without a target is not upgraded, and does not hold up the others", () => {
  const stash = new pulumi.Stash("other-delivery", { input: "" });
  const connected = { kubeconfig: pulumi.secret("K"), nodePools: [] } as unknown as ConnectedCluster;
  const { plans } = renderFleet(fleet)[0]!;
  expect(
    upgradeFleet(
      { ...fleet, clusters: fleet.clusters.map((each) => ({ ...each, name: `${each.name}-2` })) },
      new Map(),
    ),
  ).toEqual([]);
  const renamed = { ...fleet, clusters: [{ ...fleet.clusters[0]!, name: "other" }, fleet.clusters[2]!] };
  expect(upgradeFleet(renamed, new Map([["other", { cluster: connected, plans, delivery: stash }]]))).toHaveLength(1);
});
