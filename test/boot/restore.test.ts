import { setTimeout as sleep } from "node:timers/promises";

import { randomNumbers } from "../../bench/random-numbers";
import { MachineRoom } from "./machine-room";
import type { Machine } from "./machine";
import { missingRequirement } from "./requirements";
import { PREFIX, userData } from "./user-data";

/** The test prints its seed. To repeat a run: `SEED=<seed> npx jest test/boot/restore.test.ts`. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ROUNDS = 4;
const DATA = "/var/lib/rancher/k3s/server";
const SNAPSHOT = "before-v1.36.3-k3s1-frankfurt-server-01-1764238500.zip";
const RESTORED_DATA = `restored from ${SNAPSHOT}`;

const room = new MachineRoom();
const random = randomNumbers(SEED);

const server = (number: number): Promise<Machine> =>
  room.add({ role: "server", hostname: `frankfurt-server-0${number}`, userData: userData("server"), haste: 20 });

/** Creates a cluster, loses its servers, and orders its restore. */
async function loseClusterAndOrderRestore(id = "r1"): Promise<void> {
  const creator = await server(1);
  await creator.boot();
  await room.delete(creator);
  await room.cloud.loseCluster();
  await order(id);
}

const order = (id: string): Promise<unknown> =>
  room.cloud.putParameters({
    [`${PREFIX}/restore`]: JSON.stringify({ apiVersion: "skerry.dev/restore/v1", id, snapshot: SNAPSHOT }),
  });

jest.setTimeout(180_000);

// Needs root, namespaces, cloud-init and moto. Skipped where one is missing; the run of all suites prints which.
(missingRequirement() === undefined ? describe : describe.skip)(`a restore (seed ${SEED})`, () => {
  room.use();

  test("is carried out by one server, which the others join, and is not repeated", async () => {
    await loseClusterAndOrderRestore();
    const machines = await Promise.all([server(1), server(2)]);
    await Promise.all(machines.map((machine) => machine.boot()));
    const { creations, restores, joins } = await room.cloud.state();
    expect({ creations, restores }).toEqual({
      creations: [],
      restores: [await room.cloud.getParameter(`${PREFIX}/restores/r1`)],
    });
    expect([...restores, ...joins].sort()).toEqual(machines.map(({ id }) => id).sort());
    const restorer = machines.find(({ id }) => id === restores[0])!;
    expect(restorer.read(`${DATA}/db/etcd/member/wal/0.wal`)).toBe(RESTORED_DATA);
    expect(restorer.console).toContain(`prepared: server ${restorer.id} restores cluster frankfurt`);
    for (const machine of machines) expect(machine.read(`${DATA}/restored`)).toBe("r1");

    // The order is still there.
    await Promise.all(machines.map((machine) => machine.boot()));
    const again = await room.cloud.state();
    expect(again.starts.slice(-2).map(({ action }) => action)).toEqual(["return", "return"]);
    expect(restorer.journal.split("restoring snapshot")).toHaveLength(2);

    const later = await server(3);
    await later.boot();
    expect((await room.cloud.state()).joins).toContain(later.id);
  });

  test("replaces the data of servers that still have some", async () => {
    const machines = [await server(1), await server(2)];
    for (const machine of machines) await machine.boot();
    await room.cloud.loseCluster();
    await order("r2");
    await Promise.all(machines.map((machine) => machine.boot()));
    const { restores, joins } = await room.cloud.state();
    expect(restores).toHaveLength(1);
    expect([...restores, ...joins].sort()).toEqual(machines.map(({ id }) => id).sort());
  });

  test("ends in the same cluster after power cuts at random moments", async () => {
    console.log(`seed ${SEED}`);
    await loseClusterAndOrderRestore();
    const measured = await server(1);
    const started = Date.now();
    await measured.boot();
    const undisturbedMs = Date.now() - started;
    await room.delete(measured);
    await room.cloud.loseCluster();
    await order("r3");

    const restorer = await server(1);
    for (let round = 0; round < ROUNDS; round += 1) {
      restorer.powerOn();
      // In the second half of the rounds, while K3s restores the snapshot, or shortly afterwards.
      const restoring = restorer.says("restoring snapshot").then(() => sleep(random() * 600));
      const moment = round < ROUNDS / 2 ? sleep(random() * undisturbedMs) : restoring;
      restoring.catch(() => undefined);
      await Promise.race([moment, restorer.untilEnded()]);
      await restorer.cutPower();
    }
    await restorer.boot();
    const other = await server(2);
    await other.boot();
    const { creations, restores, joins } = await room.cloud.state();
    expect({ creations, restores: restores.slice(-1), joins }).toEqual({
      creations: [],
      restores: [restorer.id],
      joins: [other.id],
    });
    expect(restorer.read(`${DATA}/db/etcd/member/wal/0.wal`)).toBe(RESTORED_DATA);
  });

  test("that fails is tried again, and says why", async () => {
    await loseClusterAndOrderRestore();
    await room.cloud.putParameters({ [`${PREFIX}/restore`]: "{}" });
    const machine = await server(1);
    machine.powerOn();
    await machine.says(`not prepared: ${PREFIX}/restore must be a JSON object with id and snapshot`);
    await order("r4");
    expect(await machine.untilEnded()).toBe(0);
    expect((await room.cloud.state()).restores).toEqual([machine.id]);
  });
});
