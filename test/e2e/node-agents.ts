import { rmSync, writeFileSync } from "node:fs";

import { CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";

import { SYSTEM_NAMESPACE } from "../../charts/system/namespaces";
import { MEASURED_LINKS, NODE_AGENT } from "../../charts/system/node-agent-names";
import type { LabProcess, LabStatus } from "../../components/nodes/lab/client";
import { linkMatrix } from "../../fleet/links";
import type { ClusterSpec, Fleet } from "../../fleet/model";
import { runsNodeAgent } from "../../fleet/node-agents";
import { nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";

const PROFILES = { group: "skerry.dev", version: "v1alpha1", plural: "nodeprofiles" };

interface Profile {
  readonly metadata: {
    readonly name: string;
    readonly managedFields?: readonly { readonly manager?: string; readonly subresource?: string }[];
  };
  readonly spec: { readonly capability: Readonly<Record<string, number>> };
  readonly status?: {
    readonly probeAddress?: string;
    readonly samples?: readonly { readonly time: string; readonly cpuPercent: number }[];
    readonly roundTrips?: readonly { readonly region: string; readonly medianMs: number }[];
  };
}

const listProfiles = async (config: KubeConfig): Promise<Profile[]> =>
  ((await config.makeApiClient(CustomObjectsApi).listClusterCustomObject(PROFILES)) as { items: Profile[] }).items;

/** Returns the measured round-trip time of each link in ms, by its regions in both orders, as `tokyo osaka`. */
async function measuredLinks(config: KubeConfig): Promise<ReadonlyMap<string, number>> {
  const name = { namespace: SYSTEM_NAMESPACE, name: MEASURED_LINKS };
  const { data } = await config.makeApiClient(CoreV1Api).readNamespacedConfigMap(name);
  const { links } = JSON.parse(data?.["links.json"] ?? '{"links":[]}') as {
    readonly links: readonly { readonly from: string; readonly to: string; readonly rttMs: number }[];
  };
  return new Map(links.map(({ from, to, rttMs }) => [`${from} ${to}`, rttMs]));
}

/**
 * Whether a measurement is that of a link. Both directions get the mean of what their ends measured, and the directions of a
 * link differ by up to 5 %. A busy machine lengthens round trips, and nothing shortens them.
 */
const isOf = (measuredMs: number, rttMs: number): boolean =>
  measuredMs >= rttMs * 0.95 && measuredMs <= rttMs + Math.max(15, rttMs / 4);

const agentsOf = ({ processes }: LabStatus, cluster: string): LabProcess[] =>
  processes.filter((each) => each.cluster === cluster && each.image.includes(`/${NODE_AGENT}:`));

const newestSample = ({ status }: Profile): number =>
  Math.max(0, ...(status?.samples ?? []).map(({ time }) => Date.parse(time)));

/** Tests the node agents of the fleet, which run as processes: what they publish, and the links that they measure. */
export function describeNodeAgents(
  fleet: Fleet,
  connect: (cluster: string) => KubeConfig,
  lab: () => Promise<LabStatus>,
): void {
  const fleetLinks = linkMatrix(fleet);
  describe.each(fleet.clusters.map((cluster) => [cluster.name, cluster] as const))("of %s", (name, cluster) => {
    const pools = cluster.nodePools.filter((pool) => runsNodeAgent(fleet, pool));
    const measured = pools.flatMap(nodeNames);
    const regions = [...new Set(pools.map(({ region }) => region))];

    test("publish the profiles of their nodes, and the lab those of the others", async () => {
      expect(agentsOf(await lab(), name)).toHaveLength(measured.length);
      await eventually("every agent has published three samples", 180, async () => {
        const profiles = new Map((await listProfiles(connect(name))).map((each) => [each.metadata.name, each]));
        return measured.every((node) => {
          const { metadata, status, spec } = profiles.get(node) ?? {};
          const byAgent = metadata?.managedFields?.some(({ manager }) => manager?.startsWith("skerry-node-agent"));
          return byAgent && status?.samples?.length === 3 && status.probeAddress !== undefined && spec?.capability.cpu;
        });
      });
      for (const profile of await listProfiles(connect(name))) {
        const { metadata, spec, status } = profile;
        const pool = pools.find((each) => nodeNames(each).includes(metadata.name));
        expect([metadata.name, status?.probeAddress !== undefined]).toEqual([metadata.name, pool !== undefined]);
        if (!pool) continue;
        // The hardware is that of the device, and not of this machine.
        const { cpuCores, coreSpeed, memoryMiB, networkMbps } = pool.capacity;
        expect(spec.capability).toMatchObject({ cpu: cpuCores, networkGbps: networkMbps / 1000 });
        expect(spec.capability.coreSpeed).toBe(coreSpeed);
        expect(spec.capability.memoryGB).toBeCloseTo((memoryMiB * 2 ** 20) / 1e9, 1);
      }
    });

    test("measure the link between each pair of regions", async () => {
      const pairs = regions.flatMap((from) => regions.filter((to) => to !== from).map((to) => [from, to] as const));
      const wrong = async (): Promise<string[]> => {
        const links = await measuredLinks(connect(name));
        return pairs.flatMap(([from, to]) => {
          const { rttMs } = fleetLinks.find((link) => link.from === from && link.to === to)!;
          const got = links.get(`${from} ${to}`);
          return got !== undefined && isOf(got, rttMs) ? [] : [`${from} ${to}: ${got}, ${rttMs} in the fleet`];
        });
      };
      await eventually("every pair is measured", 300, async () => (await wrong()).length === 0).catch(() => undefined);
      expect(await wrong()).toEqual([]);
      // What the agents report, before it is combined.
      const trips = (await listProfiles(connect(name))).flatMap(({ status }) => status?.roundTrips ?? []);
      expect(new Set(trips.map(({ region }) => region))).toEqual(new Set(regions));
    });
  });
}

/**
 * Kills the agents of a cluster after a link of its network has changed. They are restarted, their profiles go on, and the
 * measured link follows.
 *
 * @param linksFile the file with which the lab's network differs from the fleet
 */
export async function expectAgentsToFollowTheNetwork(
  { name, nodePools }: ClusterSpec,
  config: KubeConfig,
  lab: () => Promise<LabStatus>,
  linksFile: string,
): Promise<void> {
  const [from, to] = [...new Set(nodePools.map(({ region }) => region))] as [string, string];
  const rttMs = 400;
  const link = { rttMs, basis: "measured", source: "a test" };
  const links = [
    { from, to, ...link },
    { from: to, to: from, ...link },
  ];
  writeFileSync(linksFile, JSON.stringify({ version: 1, unit: "ms", regions: [], links }));
  try {
    const before = agentsOf(await lab(), name);
    const killed = Date.now();
    for (const { pid } of before) process.kill(pid, "SIGKILL");
    await eventually("all agents run again", 90, async () => {
      const now = agentsOf(await lab(), name);
      return now.length === before.length && now.every(({ pid, state }) => state === "running" && !before.some((each) => each.pid === pid)); // prettier-ignore
    });
    await eventually("every profile goes on", 120, async () => {
      const published = (await listProfiles(config)).filter(({ status }) => status?.probeAddress);
      return published.length === before.length && published.every((profile) => newestSample(profile) > killed);
    });
    await eventually("the measured link follows", 300, async () => {
      const measured = (await measuredLinks(config)).get(`${from} ${to}`);
      return measured !== undefined && isOf(measured, rttMs);
    });
  } finally {
    rmSync(linksFile, { force: true });
  }
}
