/**
 * Measures the user data of the local fleet, and how long the boot program takes on a machine of the boot tests.
 *
 *   npx tsx bench/boot.ts [rounds]
 *
 * It needs what the boot tests need: root on Linux, Debian's mmdebstrap and moto.
 */
import { Cloud } from "../test/boot/cloud";
import { Machine } from "../test/boot/machine";
import { prepareRequirements } from "../test/boot/requirements";
import { k3s, OBJECT, parameters, userData } from "../test/boot/user-data";
import { MAX_USER_DATA_BYTES } from "../fleet/k3s/cloud-config";
import { record, spread, table } from "./record";

/** Returns how long the boot program and the stand-in for K3s took at the last boot, in milliseconds. */
const lastDuration = (machine: Machine): number => Number(/.*ready after (\d+) ms/s.exec(machine.journal)![1]);

async function main(): Promise<void> {
  const missing = prepareRequirements();
  if (missing !== undefined) throw new Error(missing);
  const rounds = Number(process.argv[2] ?? 5);
  const cloud = new Cloud();
  await cloud.start();
  const durations: Record<string, number[]> = { "first boot": [], "second boot": [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      await cloud.reset();
      await cloud.putParameters(parameters);
      await cloud.putObject(OBJECT, k3s);
      const machine = await Machine.create(cloud, { role: "server", hostname: "server", userData: userData("server") });
      for (const boot of ["first boot", "second boot"] as const) {
        await machine.boot();
        durations[boot]!.push(lastDuration(machine));
      }
      await machine.delete();
    }
  } finally {
    await cloud.stop();
  }
  const sizes = (["server", "agent"] as const).map((role) => [role, Buffer.byteLength(userData(role))]);
  const boots = Object.entries(durations).map(([boot, values]) => {
    const { median, min, max } = spread(values);
    return [`${boot} of a server`, `${median.toFixed(0)} (${min}–${max})`];
  });
  await record(
    "Boot of a machine",
    `npx tsx bench/boot.ts ${rounds}`,
    `User data of a cluster of the local fleet, of which EC2 accepts ${MAX_USER_DATA_BYTES} bytes:\n\n${table(["machine", "bytes"], sizes)}\n\nMilliseconds of the boot program against moto, from its start until the stand-in for K3s is ready: median (least–most) of ${rounds}. The binary is a stand-in of a few KiB, so this does not include the download of K3s.\n\n${table(["boot", "ms"], boots)}`,
  );
}

void main();
