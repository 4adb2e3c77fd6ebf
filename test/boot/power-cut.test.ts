import { setTimeout as sleep } from "node:timers/promises";

import { randomNumbers } from "../../bench/random-numbers";
import { MachineRoom } from "./machine-room";
import type { Machine } from "./machine";
import { missingRequirement } from "./requirements";
import { SERVER_TLS_FILES } from "../../fleet/k3s/authority";
import { k3s, parameters, PREFIX, userData } from "./user-data";

/** The test prints its seed. To repeat a run: `SEED=<seed> npx jest test/boot/power-cut.test.ts`. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ROUNDS = 6;

const room = new MachineRoom();
const random = randomNumbers(SEED);

/** Cuts the power of a machine at random moments of its boots, and then lets it boot. */
async function bootWithPowerCuts(machine: Machine, undisturbedMs: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    machine.powerOn();
    // In the first half of the rounds, rather early: the first boot is never finished.
    const share = random() * (round < ROUNDS / 2 ? 0.6 : 1);
    await Promise.race([sleep(share * undisturbedMs), machine.untilEnded()]);
    await machine.cutPower();
  }
  await machine.boot();
}

jest.setTimeout(180_000);

// Needs root, namespaces, cloud-init and moto. Where one is missing, the run reports which.
(missingRequirement() === undefined ? describe : describe.skip)(`a machine that loses power (seed ${SEED})`, () => {
  room.use();

  test("creates the cluster once, and another joins once", async () => {
    console.log(`seed ${SEED}`);
    const measured = await room.add({ role: "server", hostname: "measured", userData: userData("server") });
    const started = Date.now();
    await measured.boot();
    const undisturbedMs = Date.now() - started;
    await room.delete(measured);
    await room.empty();

    const server = await room.add({ role: "server", hostname: "server", userData: userData("server") });
    await bootWithPowerCuts(server, undisturbedMs);
    // K3s that lost power while it created the cluster does so again.
    expect([...new Set((await room.cloud.state()).creations)]).toEqual([server.id]);
    expect(server.read("/usr/local/bin/k3s")).toBe(k3s);
    for (const file of SERVER_TLS_FILES) {
      expect(server.read(`/var/lib/rancher/k3s/server/tls/${file}`)).toBe(parameters[`${PREFIX}/tls/${file}`]);
    }

    const agent = await room.add({ role: "agent", hostname: "agent", userData: userData("agent") });
    await bootWithPowerCuts(agent, undisturbedMs);
    const { creations, joins, nodes } = await room.cloud.state();
    expect([...new Set(creations)]).toEqual([server.id]);
    expect([...new Set(joins)]).toEqual([agent.id]);
    expect(nodes).toEqual({ server: server.id, agent: agent.id });
    expect(agent.read("/etc/rancher/k3s/agent-token")).toBe(parameters[`${PREFIX}/agent-token`]);
  });

  test("repairs files that were not on the disk yet", async () => {
    const machine = await room.add({ role: "server", hostname: "server", userData: userData("server") });
    machine.setNetwork("down");
    machine.powerOn();
    await machine.says("not prepared");
    await machine.cutPower();
    // cloud-init has marked its modules as done.
    machine.write("/etc/skerry/machine.json", "");
    machine.write("/usr/local/lib/skerry/boot.py", "");
    machine.remove("/etc/systemd/system/multi-user.target.wants/k3s.service");
    machine.setNetwork("up");
    await machine.boot();
    expect((await room.cloud.state()).creations).toEqual([machine.id]);
  });
});
