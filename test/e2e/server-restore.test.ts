import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { CoreV1Api } from "@kubernetes/client-node";

import { randomNumbers } from "../../bench/random-numbers";
import { eventually } from "./eventually";
import { writeTrio } from "./trio";
import { SERVERS, TrioCluster } from "./trio-cluster";

/** The test prints its seed. To repeat a run: `SKERRY_SEED=<seed> npx jest test/e2e/server-restore.test.ts`. */
const SEED = Number(process.env.SKERRY_SEED ?? Date.now() % 1_000_000);
/** How often the command is killed, and how long it runs then at most, in ms. `SKERRY_KILLS=0` measures it undisturbed. */
const KILLS = Number(process.env.SKERRY_KILLS ?? 2);
const LONGEST_RUN_MS = 30_000;

const trio = new TrioCluster();
const random = randomNumbers(SEED);

jest.setTimeout(420_000);

beforeAll(async () => {
  writeTrio(trio.checkout);
  await trio.up();
}, 600_000);
afterAll(() => trio.remove(), 120_000);

const write = (name: string): Promise<unknown> =>
  trio.config.makeApiClient(CoreV1Api).createNamespacedConfigMap({
    namespace: "default",
    body: { metadata: { name }, data: { at: new Date().toISOString() } },
  });

async function configMaps(): Promise<string[]> {
  const core = trio.config.makeApiClient(CoreV1Api);
  const { value } = await eventually("the cluster answers", 60, () =>
    core.listNamespacedConfigMap({ namespace: "default" }),
  );
  return value.items.map(({ metadata }) => metadata!.name!);
}

/** Takes a snapshot, and returns its name. */
async function backUp(): Promise<string> {
  const output = await trio.run("bin/skerry", "cluster", "backup", "trio");
  return output.trim().split("\n").at(-1)!.trim();
}

/** Reports whether a list has a snapshot of each server that its schedule took. */
const haveScheduled = (list: string): boolean =>
  SERVERS.every((name) => new RegExp(`etcd-snapshot-${name.replace(/-(\d)$/, "-0$1")}-\\d+.zip`).test(list));

/** Runs the restore, and kills it after a time with everything that it started, as a machine that loses power. */
async function killRestore(snapshot: string, afterMs: number): Promise<void> {
  const child = trio.checkout.start("bin/skerry", "cluster", "restore", "trio", snapshot, "--yes");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await Promise.race([sleep(afterMs), ended]);
  child.kill("SIGKILL");
  await ended;
}

test("a cluster that lost every machine is restored, whenever the command is killed", async () => {
  const uid = await trio.clusterUid();
  await write("kept");
  const snapshot = await backUp();
  const before = await trio.everyObject();
  const takenAt = Date.now();

  // Snapshots from before a rotation need the old token.
  writeTrio(trio.checkout, { serverToken: 1 });
  await trio.up();
  await write("lost");
  await eventually("each server has taken a snapshot by its schedule", 120, async () =>
    haveScheduled(await trio.run("bin/skerry", "cluster", "list", "trio")),
  );
  for (const name of SERVERS) await trio.lab.deleteServer(name);
  const lostAt = Date.now();

  const list = await trio.run("bin/skerry", "cluster", "list", "trio");
  expect(list).toContain("cluster trio does not answer");
  expect(list).toContain(snapshot);
  expect(haveScheduled(list)).toBe(true);

  const refused = await trio.checkout.run("bin/skerry", "cluster", "restore", "trio", "missing.zip", "--yes");
  expect(refused.stderr).toContain("s3://trio-snapshots/trio/ has no snapshot missing.zip");

  const started = Date.now();
  const moments = Array.from({ length: KILLS }, () => Math.round(random() * LONGEST_RUN_MS));
  console.log(`seed ${SEED}: killed after ${moments.map((each) => `${each / 1000} s`).join(", ") || "nothing"}`);
  for (const moment of moments) await killRestore(snapshot, moment);
  const output = await trio.run("bin/skerry", "cluster", "restore", "trio", snapshot, "--yes");
  expect(output).toContain("that was in force until");
  expect(output).toContain("will be lost");
  console.log(
    `restored ${(Date.now() - started) / 1000} s after the first attempt; lost: the last ${(lostAt - takenAt) / 1000} s; ` +
      `load ${loadavg()[0]!.toFixed(1)}\n${output}`,
  );

  await trio.waitForOneCluster(uid);
  await trio.expectEveryObject(before);
  expect(await configMaps()).toContain("kept");
  expect(await configMaps()).not.toContain("lost");

  // The token is rotated again, so a snapshot of now needs the new one.
  const checked = await trio.run("bin/skerry", "cluster", "restore", "trio", await backUp(), "--check");
  expect(checked).toContain("can be restored, with the server token in force");
  expect((await trio.plan()).filter((step) => /trio-(server|restor)/.test(step))).toEqual([]);
});
