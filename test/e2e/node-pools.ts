import {
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Node,
} from "@kubernetes/client-node";

import { labels, protectedLabels } from "../../fleet/labels";
import type { ClusterSpec } from "../../fleet/model";
import { nodeLabels, nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";

const MERGE_PATCH = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** Time limit for a node to match its pool again, in seconds. */
const RECONCILED_WITHIN = 5;

/** Checks that the nodes of one cluster keep matching their pools when nodes or pools are changed. */
export function describeNodePools(connect: () => KubeConfig, cluster: ClusterSpec): void {
  const core = (): CoreV1Api => connect().makeApiClient(CoreV1Api);
  const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;
  const nodeName = nodeNames(pool)[0]!;
  const node = (): Promise<V1Node> => core().readNode({ name: nodeName });

  test("restores a removed label and a changed label", async () => {
    const wanted = nodeLabels(pool);
    await core().patchNode(
      { name: nodeName, body: { metadata: { labels: { [labels.edgeRegion]: null, [labels.deviceType]: "abacus" } } } },
      MERGE_PATCH,
    );
    const { seconds } = await eventually("labels are back", RECONCILED_WITHIN, async () => {
      const has = (await node()).metadata?.labels ?? {};
      return (
        has[labels.edgeRegion] === wanted[labels.edgeRegion] && has[labels.deviceType] === wanted[labels.deviceType]
      );
    });
    expect(seconds).toBeLessThan(RECONCILED_WITHIN);
  });

  test("restores a removed taint and keeps unmanaged taints", async () => {
    const theirs = { key: "example.com/maintenance", value: "", effect: "PreferNoSchedule" };
    await core().patchNode({ name: nodeName, body: { spec: { taints: [theirs] } } }, MERGE_PATCH);
    await eventually("taint is back", RECONCILED_WITHIN, async () => {
      const keys = ((await node()).spec?.taints ?? []).map(({ key }) => key).sort();
      return keys.join() === [theirs.key, ...pool.taints.map(({ key }) => key)].sort().join();
    });
    await core().patchNode({ name: nodeName, body: { spec: { taints: pool.taints } } }, MERGE_PATCH);
  });

  describe("with the credentials of a kubelet", () => {
    const as = setHeaderOptions(
      "Impersonate-Group",
      "system:nodes",
      setHeaderOptions("Impersonate-User", `system:node:${nodeName}`, MERGE_PATCH),
    );
    const patch = (body: object) => core().patchNode({ name: nodeName, body }, as);
    const other = cluster.nodePools.find(({ taints }) => taints.length === 0)!;
    const compromised = { key: "example.com/compromised", value: "", effect: "NoSchedule" };
    const taintKeys = async (): Promise<string[]> => ((await node()).spec?.taints ?? []).map(({ key }) => key).sort();
    const guarded = [...pool.taints, compromised].map(({ key }) => key).sort();

    beforeAll(() =>
      core().patchNode({ name: nodeName, body: { spec: { taints: [...pool.taints, compromised] } } }, MERGE_PATCH),
    );
    afterAll(() => core().patchNode({ name: nodeName, body: { spec: { taints: pool.taints } } }, MERGE_PATCH));

    test("taints and the pool label cannot be changed", async () => {
      await expect(patch({ spec: { taints: [] } })).rejects.toMatchObject({ code: 403 });
      await expect(patch({ metadata: { labels: { [protectedLabels.pool]: other.name } } })).rejects.toMatchObject({
        code: 403,
      });
    });

    test("annotations cannot make the controller remove an administrator's taint", async () => {
      const applied = JSON.stringify([{ key: compromised.key, effect: compromised.effect }]);
      await patch({
        metadata: {
          annotations: { "skerry.dev/applied-taints": applied, "skerry.dev/capacity": "{}" },
          labels: { [labels.deviceType]: "abacus" },
        },
      });
      // The label is restored, so the controller has processed the node's change.
      await eventually("label is back", RECONCILED_WITHIN, async () => {
        return (await node()).metadata?.labels?.[labels.deviceType] === pool.device;
      });
      expect(await taintKeys()).toEqual(guarded);
    });

    test("labels cannot remove the node from its pool", async () => {
      for (const value of [other.name, null]) {
        await patch({ metadata: { labels: { [labels.nodePool]: value } } });
        await eventually("the pool's label is back", RECONCILED_WITHIN, async () => {
          return (await node()).metadata?.labels?.[labels.nodePool] === pool.name;
        });
        expect(await taintKeys()).toEqual(guarded);
      }
    });
  });

  test("rejects pools with labels or taints that Kubernetes manages", async () => {
    const objects = connect().makeApiClient(CustomObjectsApi);
    const address = { group: "skerry.dev", version: "v1alpha1", plural: "fleetnodepools" };
    const refused = async (spec: object): Promise<void> => {
      const body = {
        apiVersion: "skerry.dev/v1alpha1",
        kind: "FleetNodePool",
        metadata: { name: "refused" },
        spec: { selector: { names: ["stranger"] }, ...spec },
      };
      await expect(objects.createClusterCustomObject({ ...address, body })).rejects.toMatchObject({ code: 422 });
    };
    const taint = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" };
    await refused({ taints: [taint] });
    await refused({ taints: [1, 2].map(() => ({ key: "dedicated", value: "iot", effect: "NoSchedule" })) });
    await refused({ labels: { "kubernetes.io/hostname": "n" } });
  });

  test("applies a changed pool to all its nodes", async () => {
    const objects = connect().makeApiClient(CustomObjectsApi);
    const address = { group: "skerry.dev", version: "v1alpha1", plural: "fleetnodepools", name: pool.name };
    const change = (value: string | null) =>
      objects.patchClusterCustomObject(
        { ...address, body: { spec: { labels: { "example.com/rack": value } } } },
        MERGE_PATCH,
      );
    const carrying = async (): Promise<number> =>
      (await core().listNode({ labelSelector: "example.com/rack=7" })).items.length;
    await change("7");
    await eventually("label reaches the pool", RECONCILED_WITHIN, async () => (await carrying()) === pool.count);
    await change(null);
    await eventually("label leaves the pool", RECONCILED_WITHIN, async () => (await carrying()) === 0);
  });

  test("reports a node without a pool", async () => {
    await core().createNode({
      body: { metadata: { name: "stranger", labels: { [labels.edgeRegion]: cluster.homeRegion } } },
    });
    try {
      await eventually("event on the stranger", 15, async () => {
        const events = await core().listEventForAllNamespaces({ fieldSelector: "involvedObject.name=stranger" });
        return events.items.some(({ reportingComponent, source }) =>
          /node-controller/.test(`${reportingComponent} ${source?.component}`),
        );
      });
    } finally {
      await core().deleteNode({ name: "stranger" });
    }
  });
}
