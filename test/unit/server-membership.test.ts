import type { V1Node, V1Pod } from "@kubernetes/client-node";

import type { ClusterApi } from "../../components/clusters/cluster-api";
import { deletePods, drain } from "../../components/clusters/drain";
import { findRisk, forgetPredecessor, operations } from "../../components/clusters/server-membership-operations";
import { belongsTo, findAlive, readClusterUid } from "../../components/clusters/server-nodes";

interface FakeServer {
  readonly ready?: boolean;
  readonly voter?: boolean;
  /** Whether its machine renews its lease. */
  readonly alive?: boolean;
  readonly removed?: boolean;
}

const status = (value: boolean) => (value ? "True" : "False");

function toNode(name: string, { ready = true, voter = true, removed = false }: FakeServer): V1Node {
  return {
    metadata: {
      name,
      uid: `${name}-uid`,
      annotations: removed ? { "etcd.k3s.cattle.io/removed-node-name": name } : {},
    },
    status: {
      conditions: [
        { type: "Ready", status: status(ready) },
        { type: "EtcdIsVoter", status: status(voter) },
      ],
    },
  };
}

/** Answers the requests of the operations. Leases of servers that are alive change with every request. */
function fakeApi(
  servers: Readonly<Record<string, FakeServer>>,
  options: { readonly pods?: V1Pod[]; readonly evict?: (pod: string) => number; readonly uids?: string[] } = {},
): ClusterApi {
  const { pods = [], evict = () => 201, uids = ["uid"] } = options;
  let requests = 0;
  const get = (path: string): unknown => {
    requests += 1;
    const last = path.split("/").pop()!;
    if (path.includes("/leases/")) {
      const { alive = true } = servers[last]!;
      return { spec: { leaseDurationSeconds: 1, renewTime: alive ? `${requests}` : "0" } };
    }
    if (path.startsWith("/api/v1/pods?")) return { items: [...pods] };
    if (path.includes("/namespaces/kube-system")) return { metadata: { uid: uids[requests % uids.length] } };
    if (path.includes("labelSelector=node-role.kubernetes.io%2Fetcd")) {
      return { items: Object.entries(servers).map(([name, server]) => toNode(name, server)) };
    }
    throw new Error(`unexpected request: ${path}`);
  };
  const send = (method: string, path: string) => {
    const deleted = /pods\/([^/]+)$/.exec(path)?.[1];
    if (method === "DELETE" && deleted !== undefined) {
      pods.splice(0, pods.length, ...pods.filter(({ metadata }) => metadata!.name !== deleted));
      return Promise.resolve({ status: 200, body: {} });
    }
    const pod = /pods\/([^/]+)\/eviction$/.exec(path)?.[1];
    if (pod === undefined) throw new Error(`unexpected request: ${path}`);
    const status = evict(pod);
    if (status === 201) pods.splice(0, pods.length, ...pods.filter(({ metadata }) => metadata!.name !== pod));
    return Promise.resolve({ status, body: { message: status === 429 ? "it would violate the budget" : "" } });
  };
  return { get: (path: string) => Promise.resolve(get(path)), send } as unknown as ClusterApi;
}

describe("the removal of a server", () => {
  const risk = (servers: Readonly<Record<string, FakeServer>>) =>
    findRisk(fakeApi(servers), { cluster: "tokyo", node: "a" });

  test("is safe if all other servers work, whether the server itself does or not", async () => {
    expect(await risk({ a: {}, b: {}, c: {} })).toEqual({ risk: undefined, alive: true });
    expect(await risk({ a: { ready: false, alive: false }, b: {}, c: {} })).toEqual({ risk: undefined, alive: false });
  });

  test.each([
    ["is not Ready", { ready: false }, "its Node is not Ready"],
    ["does not vote", { voter: false }, "its etcd member does not vote"],
    ["has died but is still Ready", { alive: false }, "its machine does not answer"],
  ])("is refused if another server %s", async (_state, broken, reason) => {
    const { risk: text } = await risk({ a: {}, b: broken, c: {} });
    expect(text).toBe(`other servers of cluster tokyo do not work:\n  b: ${reason}`);
  });

  test("is refused for the only server, not counting those that left etcd", async () => {
    const only = "it is the only server of cluster tokyo, whose data would be lost";
    expect((await risk({ a: {} })).risk).toBe(only);
    expect((await risk({ a: {}, b: { removed: true } })).risk).toBe(only);
  });
});

test("a server is alive only if it renews its lease", async () => {
  const alive = await findAlive(fakeApi({ a: {}, b: { alive: false } }), ["a", "b"]);
  expect([...alive]).toEqual(["a"]);
});

test("servers that report different clusters are an error", async () => {
  expect(await readClusterUid(fakeApi({}))).toBe("uid");
  await expect(readClusterUid(fakeApi({}, { uids: ["one", "two"] }))).rejects.toThrow(
    /a server has started a cluster of its own/,
  );
});

describe("a drain", () => {
  const pod = (name: string, metadata: V1Pod["metadata"] = {}): V1Pod => ({
    metadata: { name, namespace: "default", uid: `${name}-uid`, ...metadata },
  });
  const daemon = pod("daemon", {
    ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "d", uid: "d", controller: true }],
  });

  test("evicts all pods but those of DaemonSets", async () => {
    const pods = [pod("web"), daemon, pod("static", { annotations: { "kubernetes.io/config.mirror": "x" } })];
    await drain(fakeApi({}, { pods }), "a", 5);
    expect(pods.map(({ metadata }) => metadata!.name)).toEqual(["daemon", "static"]);
  });

  test("is not possible on a lost machine, whose pods are all deleted", async () => {
    const pods = [pod("web"), daemon];
    await deletePods(fakeApi({}, { pods }), "a");
    expect(pods).toEqual([]);
  });

  test("repeats an eviction that a budget refuses", async () => {
    let refusals = 1;
    await drain(fakeApi({}, { pods: [pod("web")], evict: () => (refusals-- > 0 ? 429 : 201) }), "a", 5);
    expect(refusals).toBe(-1);
  });

  test("fails after its timeout, and names the pods and the reason", async () => {
    const pods = [pod("web"), daemon];
    await expect(drain(fakeApi({}, { pods, evict: () => 429 }), "a", 0)).rejects.toThrow(
      "node a was not drained within 0 s, because pods remain:\n  default/web: it would violate the budget",
    );
  });
});

describe("a membership", () => {
  const inputs = { cluster: "tokyo", node: "a", machine: "1", drainTimeoutSeconds: 300, kubeconfig: "old" };
  const olds = { ...inputs, nodeUid: "n", clusterUid: "c" };

  test("is replaced with its machine, also while the new machine's id is unknown", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    for (const machine of ["2", unknown]) {
      expect(await operations.diff!("id", olds, { ...inputs, machine })).toMatchObject({
        changes: true,
        replaces: ["machine"],
        deleteBeforeReplace: true,
      });
    }
  });

  test("is updated in place for new credentials", async () => {
    expect(await operations.diff!("id", olds, inputs)).toMatchObject({ changes: false });
    const news = { ...inputs, kubeconfig: "new" };
    expect(await operations.diff!("id", olds, news)).toMatchObject({ changes: true, replaces: [] });
    expect(await operations.update!("id", olds, news)).toEqual({ outs: { ...olds, kubeconfig: "new" } });
  });
});

describe("the Node of an earlier machine with the same name", () => {
  const providerID = "aws:///eu-central-1a/i-0123";
  const inputs = { cluster: "tokyo", node: "a", machine: "i-4567", drainTimeoutSeconds: 1, kubeconfig: "" };

  test.each([
    ["the machine in its provider id", { providerID }, "i-0123", true],
    ["another machine", { providerID }, "i-4567", false],
    ["a machine whose id ends alike", { providerID }, "123", false],
    ["any machine, without a provider id", {}, "i-4567", true],
  ])("a Node belongs to %s", (_which, spec, machine, expected) => {
    expect(belongsTo({ spec }, machine)).toBe(expected);
  });

  /** Forgets the predecessor in a cluster with one Node, and returns the requests that change something. */
  async function forget(alive: boolean): Promise<string[]> {
    let node: V1Node | undefined = { metadata: { name: "a", uid: "u1" }, spec: { providerID } };
    let requests = 0;
    const sent: string[] = [];
    const api = {
      get: (path: string) => {
        requests += 1;
        const lease = { spec: { leaseDurationSeconds: 1, renewTime: alive ? `${requests}` : "0" } };
        return Promise.resolve(path.includes("/leases/") ? lease : node);
      },
      send: (method: string, path: string, body: { preconditions: object }) => {
        sent.push(`${method} ${path} ${JSON.stringify(body.preconditions)}`);
        node = undefined;
        return Promise.resolve({ status: 200, body: {} });
      },
    } as unknown as ClusterApi;
    await forgetPredecessor(api, inputs);
    return sent;
  }

  test("is deleted, so that the new machine can join", async () => {
    expect(await forget(false)).toEqual(['DELETE /api/v1/nodes/a {"uid":"u1"}']);
  });

  test("stays while its machine answers", async () => {
    await expect(forget(true)).rejects.toThrow(`belongs to another machine (${providerID}), which still answers`);
  });

  describe("in a restore", () => {
    beforeAll(() => (process.env.SKERRY_RESTORE = JSON.stringify({ cluster: "tokyo", id: "r1", snapshot: "s" })));
    afterAll(() => delete process.env.SKERRY_RESTORE);

    test("is deleted at once: no machine of before is left", async () => {
      expect(await forget(true)).toHaveLength(1);
    });

    test("a server leaves without its cluster, which does not answer", async () => {
      const kubeconfig = "clusters: [{cluster: {server: https://127.0.0.1:1}}]\nusers: [{user: {}}]";
      const outputs = { ...inputs, kubeconfig, nodeUid: "u1", clusterUid: "u2" };
      await expect(operations.delete!("tokyo/a", outputs)).resolves.toBeUndefined();
    });
  });
});
