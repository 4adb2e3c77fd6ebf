import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { KubeConfig } from "@kubernetes/client-node";

import { randomNumbers } from "../../bench/random-numbers";
import { LabClient } from "../../components/nodes/lab/client";
import { Checkout } from "./checkout";
import { eventually } from "./eventually";
import { type Objects, readSettledObjects } from "./every-object";
import { processesOf } from "./processes";
import { readNodes, UpgradeWatch } from "./upgrade-watch";
import { CONCURRENCY, NEW, OLD, type UpgradingFleet, writeUpgradingFleet } from "./upgrading-fleet";

const checkout = new Checkout();
const lab = () => new LabClient(join(checkout.home, "lab", "lab.sock"));
const seed = Number(process.env.SKERRY_SEED ?? Date.now() % 1_000_000);
const random = randomNumbers(seed);

function config(cluster: string): KubeConfig {
  const loaded = new KubeConfig();
  loaded.loadFromFile(join(checkout.home, "kubeconfig", cluster));
  return loaded;
}

/** Runs `skerry up` with a changed fleet. */
function tryUp(change: UpgradingFleet) {
  writeUpgradingFleet(checkout, change);
  return checkout.run("bin/skerry", "up");
}

/** Runs `skerry up` with a changed fleet, which must succeed. */
function up(change: UpgradingFleet): Promise<string> {
  writeUpgradingFleet(checkout, change);
  return checkout.succeed("bin/skerry", "up");
}

const versions = async (cluster: string): Promise<string[]> =>
  (await readNodes(config(cluster))).map(({ name, version }) => `${name} ${version}`);
const all = (names: readonly string[], version: string): string[] => names.map((name) => `${name} ${version}`);
const CANARY = ["canary-server-01", "canary-server-02", "canary-server-03"];
const CANARY_AGENTS = [1, 2, 3, 4].map((number) => `gw-0${number}`);
const SECOND = ["gw-01", "gw-02", "second-server-01"];
const isCordonedOrMarked = async (cluster: string): Promise<string[]> =>
  (await readNodes(config(cluster))).flatMap(({ name, cordoned, mark }) =>
    cordoned || mark !== undefined ? [`${name} ${cordoned ? "cordoned" : ""} ${mark ?? ""}`.trim()] : [],
  );

/** Every object but plans and their jobs. */
const everyObject = (cluster: string) => readSettledObjects(config(cluster), (kind) => ["Plan", "Job"].includes(kind));

/** Expects every object of before the upgrade, except those that the test changes on purpose. */
async function expectKept(cluster: string, isChanged: (key: string) => boolean = () => false): Promise<void> {
  const now = await everyObject(cluster);
  for (const [key, value] of Object.entries(before[cluster]!).filter(([each]) => !isChanged(each)))
    expect({ key, value: now[key] }).toEqual({ key, value });
}

/** Waits until a wave has marked nodes of a cluster, and then for a random time. */
async function waitForWave(cluster: string, seconds: number, isOver: () => boolean): Promise<void> {
  await eventually("a wave runs", 300, async () => {
    if (isOver()) throw new Error("the update has ended before a wave");
    return (await readNodes(config(cluster)).catch(() => [])).some(({ mark }) => mark !== undefined);
  });
  await sleep(random() * seconds * 1000);
}

/** Kills the process of a cluster's controller. The lab starts it again. */
async function killController(cluster: string): Promise<void> {
  const { value: pid } = await eventually(
    "the controller runs",
    60,
    async () =>
      (await lab().status()).processes.find(
        (each) => each.cluster === cluster && each.container === "system-upgrade-controller" && each.pid > 0,
      )?.pid,
  );
  process.kill(pid, "SIGKILL");
}

const before: Record<string, Objects> = {};
/** File that keeps the new version from starting on an agent of the canary. */
let broken = "";

jest.setTimeout(600_000);

beforeAll(async () => {
  console.log(`seed ${seed}`);
  await up({ version: OLD });
  for (const cluster of ["canary", "second"]) before[cluster] = await everyObject(cluster);
}, 600_000);
afterAll(async () => {
  await checkout.run("bin/skerry", "down", "--force");
  checkout.remove();
}, 120_000);

test("nodes report the version that their machine has installed", async () => {
  expect(await versions("canary")).toEqual(all([...CANARY, ...CANARY_AGENTS.slice(0, 3)], OLD));
  expect(await versions("second")).toEqual(all(SECOND, OLD));
});

test("a preview shows the order, and the release of new agents stays that of the servers", async () => {
  writeUpgradingFleet(checkout, { version: NEW });
  const { stdout } = await checkout.run("bin/pulumi", "preview", "-s", "local", "--json");
  const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
  const changed = steps.filter(({ op }) => op !== "same").map(({ op, urn }) => `${op} ${urn.split("::").pop()!}`);
  expect(changed.filter((step) => step.includes("-upgrade-"))).toEqual([
    "update canary-upgrade-preflight",
    "update canary-upgrade-k3s-servers",
    "update canary-upgrade-k3s-wave-1",
    "update second-upgrade-preflight",
    "update second-upgrade-k3s-servers",
    "update second-upgrade-k3s-wave-1",
  ]);
  expect(changed.filter((step) => step.includes("agent-release") || step.endsWith("-gw"))).toEqual([]);
});

test("a wave whose first node does not become Ready stops, and leaves nothing cordoned", async () => {
  const [group] = (await lab().status()).groups.filter(({ name }) => name === "canary-gw");
  broken = join(checkout.home, "lab", "agents", group!.name, group!.machines[1]!.name, "broken-k3s-version");
  writeFileSync(broken, NEW);
  const watch = new UpgradeWatch(config("canary"), NEW);
  let over = false;
  const updated = tryUp({ version: NEW, agents: 4 }).finally(() => (over = true));
  await waitForWave("canary", 30, () => over);
  await killController("canary");
  const { code, stdout, stderr } = await updated;
  await watch.stop();
  expect({ seed, code }).not.toEqual({ seed, code: 0 });
  expect(stdout + stderr).toMatch(/k3s-wave-1 stopped: the upgrade of gw-02 failed: DeadlineExceeded/);

  // The pool has grown in the same update: the new agent must not be newer than the servers.
  expect(watch.firstVersions.get("gw-04")).toBe(OLD);
  expect(watch.upgraded.slice(0, 3).sort()).toEqual(CANARY);
  expect(watch.mostServers).toBe(1);
  expect(watch.mostAgents).toBeLessThanOrEqual(CONCURRENCY);
  console.log(`seconds without pods: ${JSON.stringify(Object.fromEntries(watch.seconds))}`);
  const nodes = await readNodes(config("canary"));
  expect(nodes.filter(({ cordoned }) => cordoned)).toEqual([]);
  expect(nodes.filter(({ ready }) => !ready).map(({ name }) => name)).toEqual(["gw-02"]);
  expect(await versions("second")).toEqual(all(SECOND, OLD));
});

test("the next update continues after the fault is fixed, up to a closed maintenance window", async () => {
  rmSync(broken);
  await eventually("the repaired node is Ready", 120, async () =>
    (await readNodes(config("canary"))).every(({ ready }) => ready),
  );
  const { code, stdout, stderr } = await tryUp({ version: NEW, closed: true, agents: 4 });
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("k3s-servers: outside the maintenance window");
  expect(await versions("canary")).toEqual(all([...CANARY, ...CANARY_AGENTS], NEW));
  expect(await isCordonedOrMarked("canary")).toEqual([]);
  expect(await versions("second")).toEqual(all(SECOND, OLD));
});

test("an update that is killed during a wave is continued by the next one", async () => {
  writeUpgradingFleet(checkout, { version: NEW, agents: 4 });
  const first = checkout.start("bin/skerry", "up");
  const ended = new Promise((resolve) => first.on("exit", resolve));
  await waitForWave("second", 15, () => first.exitCode !== null);
  for (const { pid, program } of processesOf(checkout.folder)) if (program === "pulumi") process.kill(pid, "SIGKILL");
  first.kill("SIGKILL");
  await ended;

  await up({ version: NEW, agents: 4 });
  expect(await versions("second")).toEqual(all(SECOND, NEW));
  expect(await versions("canary")).toEqual(all([...CANARY, ...CANARY_AGENTS], NEW));
  for (const cluster of ["canary", "second"]) expect(await isCordonedOrMarked(cluster)).toEqual([]);
});

test("a snapshot preceded the upgrade of each cluster, and every object is intact", async () => {
  const { stdout } = await checkout.run("bin/pulumi", "stack", "export", "-s", "local");
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources: { urn: string; outputs?: { snapshot?: string } }[] };
  };
  const snapshots = deployment.resources.filter(({ urn }) => urn.endsWith("-upgrade-preflight"));
  expect(snapshots).toHaveLength(2);
  for (const { outputs } of snapshots) expect(outputs?.snapshot).toMatch(/^before-v1\.36\.3-k3s1/);
  // The pool of the canary has grown.
  await expectKept("canary", (key) => key.includes("FleetNodePool"));
  await expectKept("second");
});

test("a downgrade is refused before anything changes", async () => {
  const { code, stderr } = await tryUp({ version: OLD, agents: 4 });
  expect(code).not.toBe(0);
  expect(stderr).toContain("a server must not be newer than v1.36.2+k3s1, because K3s cannot be downgraded");
  expect(readFileSync(join(checkout.folder, "stacks", "local.ts"), "utf8")).toContain(OLD);
});

test("going back: the snapshot from before the upgrade is restored on servers with the old version", async () => {
  const back = { version: NEW, second: OLD, agents: 4 };
  writeUpgradingFleet(checkout, back);
  const [snapshot] = /before-\S+/.exec(await checkout.succeed("bin/skerry", "cluster", "list", "second"))!;
  const restored = await checkout.succeed("bin/skerry", "cluster", "restore", "second", snapshot, "--yes");
  expect(restored).toContain("agents that are newer than v1.36.2+k3s1: gw-01, gw-02; replace their machines");

  // An update that replaces no machine is not refused, and drains no agent: it cannot downgrade one.
  await up(back);
  expect(await versions("second")).toEqual([...all(SECOND.slice(0, 2), NEW), ...all(SECOND.slice(2), OLD)]);

  await up({ ...back, generation: 2 });
  expect(await versions("second")).toEqual(all(SECOND, OLD));
  // Every machine is new.
  await expectKept("second", (key) => / Node |node-password\.k3s$/.test(key));
});
