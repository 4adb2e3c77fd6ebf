import type { KubernetesObject } from "@kubernetes/client-node";

import { FIELD_MANAGER } from "../../components/delivery/field-manager";
import { type ObjectApi, reclaim } from "../../components/delivery/reclaim";

const wanted = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "broker", namespace: "mqtt" },
  spec: { serviceName: "new" },
};

const applied = { manager: FIELD_MANAGER, operation: "Apply" };
const controller = { manager: "kube-controller-manager", operation: "Update", subresource: "status" };

interface Cluster {
  readonly live?: { uid: string; managedFields: readonly object[] };
  /** Status codes of dry runs: of the object, and of a copy under an unused name. */
  readonly dryRun?: readonly [existing: number, renamed: number];
  /** Whether deletion of the object finishes. */
  readonly disappears?: boolean;
}

function fake({ live, dryRun = [422, 200], disappears = true }: Cluster): ObjectApi & { deleted: unknown[] } {
  const deleted: unknown[] = [];
  const fail = (code: number): never => {
    throw Object.assign(new Error(`status ${code}`), { code });
  };
  return {
    deleted,
    read: async () =>
      live && !(disappears && deleted.length > 0)
        ? ({ ...wanted, metadata: { ...wanted.metadata, ...live } } as never)
        : fail(404),
    patch: async (object: KubernetesObject) => {
      const code = object.metadata?.name === "broker" ? dryRun[0] : dryRun[1];
      return code === 200 ? (object as never) : fail(code);
    },
    delete: async (_spec, _pretty, _dryRun, _grace, _orphan, propagation, body) => {
      deleted.push({ propagation, body });
      return {};
    },
  };
}

test("deletes an object of an interrupted update whose immutable fields differ, and only that instance", async () => {
  const api = fake({ live: { uid: "1", managedFields: [applied, controller] } });
  expect(await reclaim(api, wanted)).toBe("reclaimed");
  expect(api.deleted).toEqual([{ propagation: "Foreground", body: { preconditions: { uid: "1" } } }]);
});

test.each<[string, Cluster]>([
  ["no such object exists", {}],
  ["another manager applied it", { live: { uid: "1", managedFields: [{ ...applied, manager: "kubectl" }] } }],
  ["Skerry only updated it", { live: { uid: "1", managedFields: [{ ...applied, operation: "Update" }] } }],
  ["the object can be updated", { live: { uid: "1", managedFields: [applied] }, dryRun: [200, 200] }],
  ["another manager owns a field", { live: { uid: "1", managedFields: [applied] }, dryRun: [409, 200] }],
  ["the object is invalid", { live: { uid: "1", managedFields: [applied] }, dryRun: [422, 422] }],
  ["admission rejects it", { live: { uid: "1", managedFields: [applied] }, dryRun: [403, 403] }],
])("deletes nothing if %s", async (_when, cluster) => {
  const api = fake(cluster);
  expect(await reclaim(api, wanted)).toBe("unrelated");
  expect(api.deleted).toEqual([]);
});

test("keeps an object that another client wrote to, and names its field manager", async () => {
  const edited = { manager: "kubectl-edit", operation: "Update" };
  const api = fake({ live: { uid: "1", managedFields: [applied, edited, edited] } });
  expect(await reclaim(api, wanted)).toEqual({ kept: "kubectl-edit also wrote to it" });
  expect(api.deleted).toEqual([]);
});

test.each(["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"])(
  "keeps a %s, because its deletion may lose data",
  async (kind) => {
    const api = fake({ live: { uid: "1", managedFields: [applied] } });
    expect(await reclaim(api, { ...wanted, kind })).toEqual({ kept: "its deletion may lose data" });
    expect(api.deleted).toEqual([]);
  },
);

test("reports an object whose deletion does not finish", async () => {
  const api = fake({ live: { uid: "1", managedFields: [applied] }, disappears: false });
  expect(await reclaim(api, wanted, 300)).toEqual({ kept: "its deletion did not finish within 0.3 s" });
});

test("rethrows errors that are not responses of the API server", async () => {
  const api = { ...fake({}), read: () => Promise.reject(new Error("connect ECONNREFUSED")) };
  await expect(reclaim(api, wanted)).rejects.toThrow("ECONNREFUSED");
});
