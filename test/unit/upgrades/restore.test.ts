import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { tokenHash } from "../../../fleet/k3s/backup";
import { checkRestore, staleNodes } from "../../../fleet/k3s/restore";
import { decideServerStart, type RestoreOrder, type ServerState } from "../../../fleet/k3s/server-start";
import { newestFirst, toSnapshot } from "../../../fleet/k3s/snapshots";

const token = (password: string) => `K10${"ab".repeat(32)}::server:${password}`;
const snapshot = {
  name: "etcd-snapshot-1",
  location: "s3://snapshots/east/etcd-snapshot-1",
  node: "east-server-01",
  takenAt: "2026-11-27T10:00:00Z",
  bytes: 1,
  ready: true,
  tokenHash: tokenHash(token("old")),
};

test("hashes a token as K3s does: 12 hex digits of the SHA-256 of its password", () => {
  // printf %s secret | sha256sum
  expect(tokenHash(token("secret"))).toBe("2bb80d537b1d");
  expect(tokenHash("secret")).toBe("2bb80d537b1d");
});

describe("a restore", () => {
  test("finds the token of the snapshot among the kept ones", () => {
    const old = { token: token("old"), retired: "2026-11-27T12:00:00Z" };
    expect(checkRestore({ snapshot, tokens: [{ token: token("new") }, old] })).toEqual({ ok: true, token: old });
  });

  test("is refused for all reasons at once, without a token in the message", () => {
    const bad = { ...snapshot, ready: false, error: "disk full", location: "file:///a" };
    const check = checkRestore({
      snapshot: bad,
      snapshotCluster: "u1",
      cluster: "u2",
      tokens: [{ token: token("s3cr3t") }],
    });
    expect(check).toEqual({
      ok: false,
      problems: [
        "snapshot etcd-snapshot-1 is not complete: disk full",
        "snapshot etcd-snapshot-1 is on the disk of a server (file:///a): new servers can restore only from a bucket",
        "snapshot etcd-snapshot-1 is of another cluster: kube-system has UID u1, must be u2",
        `snapshot etcd-snapshot-1 needs the server token with hash ${snapshot.tokenHash}, and none of the kept ones has it: ${tokenHash("s3cr3t")} (in force)`,
      ],
    });
    expect(JSON.stringify(check)).not.toContain("s3cr3t");
  });

  test("is refused if the snapshot does not record its token", () => {
    const { tokenHash: _, ...rest } = snapshot;
    expect(checkRestore({ snapshot: rest, tokens: [{ token: token("old") }] })).toMatchObject({ ok: false });
  });

  test("forgets nodes without a machine", () => {
    expect(staleNodes(["b", "a", "c"], ["c", "d"])).toEqual(["a", "b"]);
  });
});

test("reads what K3s records of a snapshot", () => {
  const read = toSnapshot({
    metadata: { annotations: { "etcd.k3s.cattle.io/snapshot-token-hash": "b4b83cda3099" } },
    spec: { snapshotName: "on-demand-1", nodeName: "server-01", location: "s3://etcd/on-demand-1" },
    status: { size: "2891808", creationTime: "2026-10-30T17:20:16Z", readyToUse: true },
  });
  expect(read).toEqual({
    name: "on-demand-1",
    location: "s3://etcd/on-demand-1",
    node: "server-01",
    takenAt: "2026-10-30T17:20:16Z",
    bytes: 2891808,
    ready: true,
    tokenHash: "b4b83cda3099",
  });
  expect(newestFirst([{ ...read, takenAt: "2026-10-29T00:00:00Z" }, read])[0]).toBe(read);
});

/** A server with a disk that survives power cuts, and the parameters that all servers share. */
interface Machine {
  readonly id: string;
  data?: string;
  restored?: string;
  started?: string;
}

describe("the start of several servers", () => {
  const order: RestoreOrder = { apiVersion: "skerry.dev/restore/v1", id: "r1", snapshot: "etcd-snapshot-1" };

  /**
   * Lets the servers take single steps in any order. `cluster` is the cluster whose data a disk holds: `born by a`, or
   * `restored by b`.
   */
  function simulate(machines: Machine[], turns: readonly number[], restore?: RestoreOrder, birth?: string) {
    const parameters = new Map<string, string>(birth === undefined ? [] : [["birth", birth]]);
    let live: string | undefined;
    const clusters = new Set<string>();
    const take = (machine: Machine): void => {
      if (machine.started !== undefined) return;
      const born = parameters.get("birth");
      const restorer = parameters.get("restores/r1");
      const state: ServerState = {
        machine: machine.id,
        hasData: machine.data !== undefined,
        ...(machine.restored !== undefined && { restored: machine.restored }),
        ...(born !== undefined && { birth: born }),
        ...(restore && { restore }),
        ...(restorer !== undefined && { restorer }),
      };
      const step = decideServerStart(state);
      if (step.kind === "claim" && !parameters.has(step.parameter)) parameters.set(step.parameter, machine.id);
      if (step.kind === "discard") delete machine.data;
      if (step.kind === "restore") {
        machine.data = `restored by ${machine.id}`;
        machine.restored = step.id;
      }
      if (step.kind !== "start") return;
      if (machine.data === undefined && step.mode === "init") machine.data = `born by ${machine.id}`;
      // A server that joins waits until the cluster answers.
      if (machine.data === undefined && live === undefined) return;
      machine.data ??= live!;
      if (restore) machine.restored = restore.id;
      machine.started = machine.data;
      live = machine.data;
      clusters.add(machine.started);
    };
    for (const turn of turns) take(machines[turn % machines.length]!);
    for (let round = 0; round < 20; round += 1) machines.forEach(take);
    return { clusters, machines };
  }

  const turns = fc.array(fc.nat(4), { maxLength: 60 });
  const count = fc.constantFrom(1, 3, 5);
  const ids = (length: number): Machine[] => Array.from({ length }, (_, index) => ({ id: `m${index}` }));

  test("creates exactly one cluster", () => {
    fc.assert(
      fc.property(count, turns, (servers, order) => {
        const { clusters, machines } = simulate(ids(servers), order);
        expect(clusters.size).toBe(1);
        expect(machines.every(({ started }) => started !== undefined)).toBe(true);
      }),
    );
  });

  test("restores exactly one cluster, on new machines as on those with old data", () => {
    fc.assert(
      fc.property(count, turns, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (servers, steps, old) => {
        const machines = ids(servers).map((each, index) => ({ ...each, ...(old[index] && { data: "born by m0" }) }));
        const { clusters } = simulate(machines, steps, order, "m0");
        expect(clusters.size).toBe(1);
        expect([...clusters][0]).toMatch(/^restored by /);
        expect(machines.every(({ restored }) => restored === "r1")).toBe(true);
      }),
    );
  });

  test("a restore is not repeated when servers start again, nor for a server that is replaced later", () => {
    const { machines } = simulate(ids(3), [], order, "gone");
    const restorer = machines.find(({ started }) => started === `restored by ${"m0"}`)!;
    for (const each of machines) delete each.started;
    const replacement: Machine = { id: "m9" };
    // The parameters stay until the restore is removed from the configuration.
    const again = decideServerStart({
      machine: restorer.id,
      hasData: true,
      restored: "r1",
      birth: "gone",
      restore: order,
      restorer: restorer.id,
    });
    expect(again).toEqual({ kind: "start", mode: "init" });
    const joining = { machine: replacement.id, hasData: false, birth: "gone", restore: order, restorer: restorer.id };
    expect(decideServerStart(joining)).toEqual({ kind: "start", mode: "join" });
    expect(decideServerStart({ machine: "m9", hasData: false, birth: "gone" })).toEqual({
      kind: "start",
      mode: "join",
    });
  });

  test("a power cut during the restore starts it again", () => {
    const state = { machine: "m0", hasData: true, birth: "m0", restore: order, restorer: "m0" };
    expect(decideServerStart(state)).toEqual({ kind: "restore", snapshot: "etcd-snapshot-1", id: "r1" });
  });
});

/** Every state that a server can find, for one restore and two machines. */
function* everyState(): Generator<ServerState> {
  const order: RestoreOrder = { apiVersion: "skerry.dev/restore/v1", id: "r1", snapshot: "etcd-snapshot-1" };
  for (const hasData of [false, true])
    for (const restored of [undefined, "r0", "r1"])
      for (const birth of [undefined, "m0", "m1"])
        for (const restore of [undefined, order])
          for (const restorer of [undefined, "m0", "m1"])
            yield {
              machine: "m0",
              hasData,
              ...(restored !== undefined && { restored }),
              ...(birth !== undefined && { birth }),
              ...(restore && { restore }),
              ...(restorer !== undefined && { restorer }),
            };
}

// The lab decides in Go, and its tests read the same cases.
test("decides as the fixture says, in every state", () => {
  const file = join(__dirname, "..", "..", "fixtures", "server-starts.json");
  const cases = [...everyState()].map((state) => ({ state, step: decideServerStart(state) }));
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(cases);
});
