import type { KubernetesObject } from "@kubernetes/client-node";

import { FIELD_MANAGER } from "../../components/delivery/object";
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
  /** Status codes of a dry run: of the object itself, and of the same under a free name. */
  readonly dryRun?: readonly [existing: number, renamed: number];
  /** Whether a deleted object disappears. */
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

test("an object of an interrupted update whose immutable fields differ is deleted, and only that very object", async () => {
  const api = fake({ live: { uid: "1", managedFields: [applied, controller] } });
  expect(await reclaim(api, wanted)).toBe("reclaimed");
  expect(api.deleted).toEqual([{ propagation: "Foreground", body: { preconditions: { uid: "1" } } }]);
});

test.each<[string, Cluster]>([
  ["there is no such object", {}],
  ["another manager applied it", { live: { uid: "1", managedFields: [{ ...applied, manager: "kubectl" }] } }],
  ["Skerry only updated it", { live: { uid: "1", managedFields: [{ ...applied, operation: "Update" }] } }],
  ["the object can be changed", { live: { uid: "1", managedFields: [applied] }, dryRun: [200, 200] }],
  ["another manager owns a field", { live: { uid: "1", managedFields: [applied] }, dryRun: [409, 200] }],
  ["the object is invalid in itself", { live: { uid: "1", managedFields: [applied] }, dryRun: [422, 422] }],
  ["admission refuses it", { live: { uid: "1", managedFields: [applied] }, dryRun: [403, 403] }],
])("nothing is deleted when %s", async (_when, cluster) => {
  const api = fake(cluster);
  expect(await reclaim(api, wanted)).toBe("unrelated");
  expect(api.deleted).toEqual([]);
});

test("an object that somebody else wrote to is kept, and the reason names the manager", async () => {
  const edited = { manager: "kubectl-edit", operation: "Update" };
  const api = fake({ live: { uid: "1", managedFields: [applied, edited, edited] } });
  expect(await reclaim(api, wanted)).toEqual({ kept: "kubectl-edit also wrote to it" });
  expect(api.deleted).toEqual([]);
});

test.each(["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"])(
  "a %s is kept: it may hold data",
  async (kind) => {
    const api = fake({ live: { uid: "1", managedFields: [applied] } });
    expect(await reclaim(api, { ...wanted, kind })).toEqual({ kept: "it may hold data" });
    expect(api.deleted).toEqual([]);
  },
);

test("an object that does not disappear is reported", async () => {
  const api = fake({ live: { uid: "1", managedFields: [applied] }, disappears: false });
  expect(await reclaim(api, wanted, 300)).toEqual({ kept: "it was deleted, but is still there after 0.3 s" });
});

test("a failure that is no answer of the API server is not taken for one", async () => {
  const api = { ...fake({}), read: () => Promise.reject(new Error("connect ECONNREFUSED")) };
  await expect(reclaim(api, wanted)).rejects.toThrow("ECONNREFUSED");
});
