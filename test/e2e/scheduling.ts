import type { KubeConfig } from "@kubernetes/client-node";

import { annotations, labels } from "../../fleet/labels";
import type { Cluster } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";
import { type Says, ScheduledPods } from "./scheduled-pods";

/** Each plugin decides on real pods of a cluster with nodes in several regions. */
export function describeScheduling(connect: () => KubeConfig, cluster: Cluster): void {
  const pods = new ScheduledPods(connect);
  const [near, far] = [
    cluster.homeRegion,
    cluster.nodePools.find(({ region }) => region !== cluster.homeRegion)!.region,
  ];
  const openNode = (region: string): string =>
    nodeNames(cluster.nodePools.find((pool) => pool.region === region && pool.taints.length === 0)!)[0]!;
  const on = (node: string) => ({ nodeSelector: { "kubernetes.io/hostname": node } });

  test("every node has a profile with a sample of the last minute or so", async () => {
    const names = cluster.nodePools.flatMap(nodeNames).sort();
    await eventually("samples of all nodes", 60, async () => {
      const found = (await pods.profiles()).filter(({ metadata }) => names.includes(metadata.name));
      const fresh = found.filter(({ status }) => Date.now() - Date.parse(status?.samples.at(-1)?.time ?? "") < 90_000);
      // What only the node controller knows of the devices has arrived too.
      return fresh.length === names.length && fresh.every(({ spec }) => spec.capability.iops !== undefined);
    });
  });

  test("EdgeProximity falls back in the stated order, and says so", async () => {
    const regions = [...new Set(cluster.nodePools.map(({ region }) => region))].filter((r) => r !== near && r !== far);
    const says: Says = {
      labels: { [labels.requiredRegion]: near },
      annotations: { [annotations.fallbackRegions]: [...regions, far].join(",") },
      ...on(openNode(far)),
    };
    const { node, why } = await pods.with("falls-back", says, () => pods.placed("falls-back"));
    expect(node).toBe(openNode(far));
    expect(why).toContain(
      `EdgeProximity: ${far}, fallback ${regions.length + 1} of ${regions.length + 1}, ` +
        `${why.match(/(\S+) ms measured/)?.[1]} ms measured from ${near}: no room in ${[near, ...regions].join(", ")}`,
    );
  });

  test("ResourceProfile scores a pod that states a preference", async () => {
    const says: Says = { annotations: { [annotations.resourceProfile]: "io-heavy" } };
    const { node, why } = await pods.with("prefers-disks", says, () => pods.placed("prefers-disks"));
    expect(why).toMatch(/ResourceProfile: io-heavy: shape [01]\.\d\d, headroom \d\.\d\d, data fresh/);
    const capability = (name: string) => found.find(({ metadata }) => metadata.name === name)!.spec.capability;
    const found = await pods.profiles();
    expect(capability(node).iops).toBeGreaterThanOrEqual(10_000);
  });

  test("LoadAware keeps a pod off a busy node until a sample says that it is not", async () => {
    const node = openNode(near);
    await pods.sample(node, 0, { cpuPercent: 20, memoryPercent: 99 });
    await pods.with("waits", on(node), async () => {
      const { value } = await eventually("the pod is refused", 20, async () =>
        (await pods.events("waits")).find(({ reason }) => reason === "FailedScheduling"),
      );
      expect(value.message).toContain("node's memory would be over 90 %");
      // The machine publishes its real usage within half a minute.
      const { why } = await pods.placed("waits", 60);
      expect(why).toContain("LoadAware: cpu ");
      expect(why).toContain("data fresh");
    });
  });
}
