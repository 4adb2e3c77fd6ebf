import type { KubeConfig } from "@kubernetes/client-node";

import { annotations, EDGE_SCHEDULER, labels } from "../../fleet/labels";
import type { ClusterSpec } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";
import { type PodSettings, ScheduledPods } from "./scheduled-pods";

/** Tests each plugin with pods in a cluster with nodes in several regions. */
export function describeScheduling(connect: () => KubeConfig, cluster: ClusterSpec): void {
  const pods = new ScheduledPods(connect);
  const [near, far] = [
    cluster.homeRegion,
    cluster.nodePools.find(({ region }) => region !== cluster.homeRegion)!.region,
  ];
  const openNode = (region: string): string =>
    nodeNames(cluster.nodePools.find((pool) => pool.region === region && pool.taints.length === 0)!)[0]!;
  const on = (node: string) => ({ nodeSelector: { "kubernetes.io/hostname": node } });

  test("every node has a profile with a recent sample", async () => {
    const names = cluster.nodePools.flatMap(nodeNames).sort();
    await eventually("samples of all nodes", 60, async () => {
      const found = (await pods.profiles()).filter(({ metadata }) => names.includes(metadata.name));
      const fresh = found.filter(({ status }) => Date.now() - Date.parse(status?.samples.at(-1)?.time ?? "") < 90_000);
      // The node controller has added the properties of the device.
      return fresh.length === names.length && fresh.every(({ spec }) => spec.capability.iops !== undefined);
    });
    const profiles = new Map((await pods.profiles()).map((profile) => [profile.metadata.name, profile]));
    for (const pool of cluster.nodePools) {
      for (const name of nodeNames(pool)) {
        expect([name, profiles.get(name)?.spec.capability.coreSpeed]).toEqual([name, pool.capacity.coreSpeed]);
      }
    }
  });

  test("LoadAware predicts the usage of a new pod from earlier pods of its workload", async () => {
    const running = async () => {
      const { items } = await pods.core().listPodForAllNamespaces();
      return items.filter(
        ({ spec, metadata, status }) =>
          spec?.schedulerName === EDGE_SCHEDULER &&
          metadata?.labels?.["pod-template-hash"] &&
          status?.phase === "Running",
      );
    };
    // The pod ran for a whole sampling window.
    const { value: old } = await eventually("a profile shows a pod for the second time", 120, async () => {
      const sampled = (await pods.profiles()).flatMap(({ status }) => status?.pods ?? []).map(({ uid }) => uid);
      return (await running()).find(
        ({ metadata, status }) =>
          sampled.includes(metadata!.uid!) && Date.now() - new Date(status!.startTime!).getTime() > 75_000,
      );
    });
    const { namespace, name, labels: of } = old.metadata!;
    await pods.core().deleteNamespacedPod({ namespace: namespace!, name: name!, gracePeriodSeconds: 0 });
    const { value: event } = await eventually("the next pod is placed", 60, async () => {
      const next = (await running()).find(
        ({ metadata }) =>
          metadata!.name !== name &&
          metadata!.labels!["pod-template-hash"] === of!["pod-template-hash"] &&
          metadata!.creationTimestamp! > old.metadata!.creationTimestamp!,
      );
      if (!next) return undefined;
      const { items } = await pods.core().listNamespacedEvent({
        namespace: namespace!,
        fieldSelector: `involvedObject.uid=${next.metadata!.uid!}`,
      });
      return items.find(({ reason }) => reason === "Scheduled");
    });
    expect(event.message).toMatch(/LoadAware: pods of its workload use [\d.e-]+ cores of mean speed, cpu /);
  });

  test("EdgeProximity falls back in the specified order, and the event names it", async () => {
    const regions = [...new Set(cluster.nodePools.map(({ region }) => region))].filter((r) => r !== near && r !== far);
    const says: PodSettings = {
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

  test("ResourceProfile scores a pod with a preference", async () => {
    const says: PodSettings = { annotations: { [annotations.resourceProfile]: "io-heavy" } };
    const { node, why } = await pods.with("prefers-disks", says, () => pods.placed("prefers-disks"));
    expect(why).toMatch(/ResourceProfile: io-heavy: shape [01]\.\d\d, headroom \d\.\d\d, data fresh/);
    const capability = (name: string) => found.find(({ metadata }) => metadata.name === name)!.spec.capability;
    const found = await pods.profiles();
    expect(capability(node).iops).toBeGreaterThanOrEqual(10_000);
  });

  test("LoadAware keeps a pod off a busy node until its usage drops", async () => {
    const node = openNode(near);
    await pods.sample(node, 0, { cpuPercent: 20, memoryPercent: 99 });
    await pods.with("waits", on(node), async () => {
      const { value } = await eventually("the pod is refused", 20, async () =>
        (await pods.events("waits")).find(({ reason }) => reason === "FailedScheduling"),
      );
      expect(value.message).toContain("node's memory would be over 90 %");
      // The machine publishes its usage within half a minute.
      const { why } = await pods.placed("waits", 60);
      expect(why).toContain("LoadAware: cpu ");
      expect(why).toContain("data fresh");
    });
  });
}
