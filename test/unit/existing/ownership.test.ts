import type { V1ConfigMap } from "@kubernetes/client-node";

import {
  type ClusterOwner,
  forgetOwner,
  type OwnerApi,
  readOwner,
  recordOwner,
} from "../../../components/nodes/existing/cluster-owner";
import { operations as identity } from "../../../components/nodes/existing/identity-operations";
import { operations as ownership } from "../../../components/nodes/existing/ownership-operations";

const UID = "11111111-1111-1111-1111-111111111111";
const ours: ClusterOwner = { id: "a", stack: "fleet/production" };
const theirs: ClusterOwner = { id: "b", stack: "other/staging" };

/** An API server with one ConfigMap, or none. */
class OneConfigMap implements OwnerApi {
  object: V1ConfigMap | undefined;
  writes = 0;

  readonly #fail = (code: number): never => {
    throw Object.assign(new Error(`HTTP ${code}`), { code });
  };
  readonly #write = (body: V1ConfigMap): V1ConfigMap => {
    this.writes += 1;
    this.object = { ...body, metadata: { ...body.metadata, uid: UID, resourceVersion: String(this.writes) } };
    return this.object;
  };

  createNamespacedConfigMap: OwnerApi["createNamespacedConfigMap"] = async ({ body }) =>
    this.object ? this.#fail(409) : this.#write(body);
  readNamespacedConfigMap: OwnerApi["readNamespacedConfigMap"] = async () => this.object ?? this.#fail(404);
  replaceNamespacedConfigMap: OwnerApi["replaceNamespacedConfigMap"] = async ({ body }) =>
    body.metadata?.resourceVersion === this.object?.metadata?.resourceVersion ? this.#write(body) : this.#fail(409);
  deleteNamespacedConfigMap: OwnerApi["deleteNamespacedConfigMap"] = async ({ body }) => {
    if (body?.preconditions?.uid !== this.object?.metadata?.uid) return this.#fail(409);
    this.object = undefined;
    return {};
  };
}

test("the first stack is recorded, and the second is refused and named the first", async () => {
  const api = new OneConfigMap();
  expect(await readOwner(api)).toBeUndefined();
  await recordOwner(api, "east", ours);
  expect(await readOwner(api)).toEqual(ours);
  expect(api.object?.metadata).toMatchObject({ namespace: "kube-system", name: "skerry-owner" });
  await expect(recordOwner(api, "east", theirs)).rejects.toThrow(
    "cluster east is managed by stack fleet/production: each of two stacks would delete what the other needs",
  );
  expect(await readOwner(api)).toEqual(ours);
});

test("a repeated record writes nothing, and a renamed stack remains the owner", async () => {
  const api = new OneConfigMap();
  await recordOwner(api, "east", ours);
  await recordOwner(api, "east", ours);
  expect(api.writes).toBe(1);
  await recordOwner(api, "east", { ...ours, stack: "fleet/europe" });
  expect(await readOwner(api)).toEqual({ id: "a", stack: "fleet/europe" });
});

test("only the owner removes the record, and a missing record is no error", async () => {
  const api = new OneConfigMap();
  await recordOwner(api, "east", theirs);
  await forgetOwner(api, ours);
  expect(await readOwner(api)).toEqual(theirs);
  await forgetOwner(api, theirs);
  await forgetOwner(api, theirs);
  expect(api.object).toBeUndefined();
});

test("other errors of the API server are passed on", async () => {
  const api = new OneConfigMap();
  const forbidden = Object.assign(new Error("forbidden"), { code: 403 });
  api.readNamespacedConfigMap = api.createNamespacedConfigMap = () => Promise.reject(forbidden);
  for (const attempt of [readOwner(api), recordOwner(api, "east", ours), forgetOwner(api, ours)])
    await expect(attempt).rejects.toBe(forbidden);
});

describe("the identity of a cluster", () => {
  const known = { cluster: "east", uid: UID, owner: "a" };
  const check = (olds: object, recorded?: ClusterOwner) =>
    identity.check!(olds as never, { cluster: "east", uid: UID, ...(recorded && { recorded }) });

  test("gets an id of the owner once, and keeps it", async () => {
    const [first, second] = [await check({}), await check({})];
    expect(first.inputs!.owner).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.inputs!.owner).not.toBe(first.inputs!.owner);
    expect(await check(known)).toEqual({ inputs: known, failures: [] });
    // States of before have none.
    expect(await identity.diff!("id", { cluster: "east", uid: UID }, known)).toEqual({ changes: true });
    expect(await identity.diff!("id", known, known)).toEqual({ changes: false });
  });

  test("is refused to another stack, already in the first preview", async () => {
    for (const olds of [{}, known]) {
      const { failures } = await check(olds, theirs);
      expect(failures).toEqual([
        { property: "owner", reason: expect.stringContaining("is managed by stack other/staging") as string },
      ]);
    }
    expect((await check(known, { ...ours, stack: "fleet/before-the-move" })).failures).toEqual([]);
  });
});

test("the record is written again when it is missing, names another stack, or the kubeconfig has changed", async () => {
  const state = { cluster: "east", owner: "a", stack: "fleet/production", kubeconfig: "K", isRecorded: true };
  const changes = async (change: object) => (await ownership.diff!("id", state, { ...state, ...change })).changes;
  expect(await changes({})).toBe(false);
  for (const change of [{ isRecorded: false }, { stack: "fleet/europe" }, { kubeconfig: "L" }, { owner: "c" }])
    expect(await changes(change)).toBe(true);
});
