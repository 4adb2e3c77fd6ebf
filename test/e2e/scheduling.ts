import {
  type CoreV1Event,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
} from "@kubernetes/client-node";

import { annotations, EDGE_SCHEDULER, labels } from "../../fleet/labels";
import type { Cluster } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";

const NAMESPACE = "default";
const PROFILES = { group: "skerry.dev", version: "v1alpha1", plural: "nodeprofiles" };

interface NodeProfile {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly capability: Readonly<Record<string, number>> };
  readonly status?: { readonly samples: readonly { readonly time: string; readonly cpuPercent: number }[] };
}

/** What a pod says, beside that it wants the edge scheduler. */
interface Says {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** Name of the only node that it may run on. */
  readonly node?: string;
}

/** Each plugin decides on real pods of a cluster with nodes in several regions. */
export function describeScheduling(connect: () => KubeConfig, cluster: Cluster): void {
  const core = (): CoreV1Api => connect().makeApiClient(CoreV1Api);
  const custom = (): CustomObjectsApi => connect().makeApiClient(CustomObjectsApi);
  const [near, far] = [
    cluster.homeRegion,
    cluster.nodePools.find(({ region }) => region !== cluster.homeRegion)!.region,
  ];
  const openNode = (region: string): string =>
    nodeNames(cluster.nodePools.find((pool) => pool.region === region && pool.taints.length === 0)!)[0]!;

  const profiles = async (): Promise<NodeProfile[]> =>
    ((await custom().listClusterCustomObject(PROFILES)) as { items: NodeProfile[] }).items;

  const events = async (name: string): Promise<CoreV1Event[]> =>
    (await core().listNamespacedEvent({ namespace: NAMESPACE })).items.filter(
      ({ involvedObject }) => involvedObject.name === name,
    );

  async function create(name: string, says: Says): Promise<void> {
    const body: V1Pod = {
      metadata: { name, labels: says.labels ?? {}, annotations: says.annotations ?? {} },
      spec: {
        schedulerName: EDGE_SCHEDULER,
        automountServiceAccountToken: false,
        ...(says.node ? { nodeSelector: { "kubernetes.io/hostname": says.node } } : {}),
        containers: [
          {
            name: "main",
            image: "registry.k8s.io/pause:3.10",
            resources: { requests: { cpu: "100m", memory: "64Mi" } },
          },
        ],
      },
    };
    await core().createNamespacedPod({ namespace: NAMESPACE, body });
  }
  const remove = (name: string) => core().deleteNamespacedPod({ namespace: NAMESPACE, name, gracePeriodSeconds: 0 });

  /** The node of a pod, and what the pod was told of it. */
  async function placed(name: string, withinSeconds = 30): Promise<{ node: string; why: string }> {
    const { value } = await eventually(`pod ${name} is told where it is`, withinSeconds, async () => {
      const told = (await events(name)).find(({ reason }) => reason === "Placed");
      const node = (await core().readNamespacedPod({ namespace: NAMESPACE, name })).spec?.nodeName;
      return told?.message && node ? { node, why: told.message } : undefined;
    });
    return value;
  }

  async function pod<T>(name: string, says: Says, use: () => Promise<T>): Promise<T> {
    await create(name, says);
    try {
      return await use();
    } finally {
      await remove(name);
    }
  }

  test("every node has a profile with a sample of the last minute or so", async () => {
    const names = cluster.nodePools.flatMap(nodeNames).sort();
    await eventually("samples of all nodes", 60, async () => {
      const found = (await profiles()).filter(({ metadata }) => names.includes(metadata.name));
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
      node: openNode(far),
    };
    const { node, why } = await pod("falls-back", says, () => placed("falls-back"));
    expect(node).toBe(openNode(far));
    expect(why).toContain(
      `EdgeProximity: ${far}, fallback ${regions.length + 1} of ${regions.length + 1}, ` +
        `${why.match(/(\S+) ms measured/)?.[1]} ms measured from ${near}: no room in ${[near, ...regions].join(", ")}`,
    );
  });

  test("ResourceProfile scores a pod that states a preference", async () => {
    const says: Says = { annotations: { [annotations.resourceProfile]: "io-heavy" } };
    const { node, why } = await pod("prefers-disks", says, () => placed("prefers-disks"));
    expect(why).toMatch(/ResourceProfile: io-heavy: shape [01]\.\d\d, headroom \d\.\d\d, data fresh/);
    const capability = (name: string) => found.find(({ metadata }) => metadata.name === name)!.spec.capability;
    const found = await profiles();
    expect(capability(node).iops).toBeGreaterThanOrEqual(10_000);
  });

  test("LoadAware keeps a pod off a busy node until a sample says that it is not", async () => {
    const node = openNode(near);
    const busy = {
      time: new Date().toISOString().replace("Z", "000Z"),
      windowSeconds: 30,
      cpuPercent: 20,
      memoryPercent: 99,
    };
    await custom().patchClusterCustomObjectStatus(
      { ...PROFILES, name: node, body: { status: { samples: [busy] } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    await pod("waits", { node }, async () => {
      const { value } = await eventually("the pod is refused", 20, async () =>
        (await events("waits")).find(({ reason }) => reason === "FailedScheduling"),
      );
      expect(value.message).toContain("node's memory would be over 90 %");
      // The machine publishes its real usage within half a minute.
      const { why } = await placed("waits", 60);
      expect(why).toContain("LoadAware: cpu ");
      expect(why).toContain("data fresh");
    });
  });
}
