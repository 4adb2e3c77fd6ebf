import { loadKubeConfig } from "../../../components/clusters/load-kubeconfig";
import { runWave, type Wave, type WaveClock } from "../../../components/clusters/run-wave";
import { connectForUpgrade, type UpgradeApi } from "../../../components/clusters/upgrade-api";
import { operations } from "../../../components/clusters/upgrade-wave-operations";
import { CONTROL_PLANE, protectedLabels } from "../../../fleet/labels";
import { StandInApiServer } from "../support/stand-in-api-server";

const OLD = "v1.35.4+k3s1";
const NEW = "v1.36.3+k3s1";
const wave = (changes: Partial<Wave["goal"]> = {}): Wave => ({
  goal: {
    plan: "k3s-wave-1",
    version: NEW,
    concurrency: 2,
    servers: false,
    readyTimeoutSeconds: 300,
    stallTimeoutSeconds: 3600,
    ...changes,
  },
  pools: ["gw"],
  plan: {
    apiVersion: "upgrade.cattle.io/v1",
    kind: "Plan",
    metadata: { name: "k3s-wave-1", namespace: "system-upgrade" },
    spec: { version: NEW, concurrency: 2 },
  },
});

let server: StandInApiServer;
let passed: number;
/** A clock that passes while the wave sleeps. */
const clock: WaveClock = {
  now: () => Date.now() + passed,
  sleep: async () => (passed += 30_000),
};
beforeEach(async () => {
  passed = 0;
  server = await new StandInApiServer("secret").start();
  for (const name of ["a", "b", "c"]) server.addNode(name, OLD, { [protectedLabels.pool]: "gw" });
  server.addNode("server-01", OLD, { [CONTROL_PLANE]: "true" });
});
afterEach(() => server.stop());

const run = async (each = wave()) =>
  runWave(await connectForUpgrade(await loadKubeConfig(server.kubeconfig)), each, clock);
const versions = () => [...server.nodes.values()].map(({ status }) => status.nodeInfo.kubeletVersion);
const states = () =>
  [...server.nodes.values()].map(({ metadata, spec }) => [
    metadata.name,
    metadata.labels[protectedLabels.upgrade] ?? "",
    spec.unschedulable ?? false,
  ]);

test("upgrades the nodes of its pools and no others, and leaves no mark", async () => {
  expect(await run()).toEqual({ skipped: [] });
  expect(versions()).toEqual([NEW, NEW, NEW, OLD]);
  expect(states()).toEqual([
    ["a", "", false],
    ["b", "", false],
    ["c", "", false],
    ["server-01", "", false],
  ]);
  expect(server.plans.get("k3s-wave-1")).toMatchObject({ spec: { concurrency: 2 } });
});

test("upgrades servers by their label", async () => {
  await run({ ...wave({ servers: true, concurrency: 1 }), pools: [] });
  expect(versions()).toEqual([OLD, OLD, OLD, NEW]);
});

test("applies its plan but touches no node of a cluster that runs the version", async () => {
  for (const node of server.nodes.values()) node.status.nodeInfo.kubeletVersion = NEW;
  await run();
  expect(server.plans.has("k3s-wave-1")).toBe(true);
  expect(server.requests.filter((each) => each.startsWith("PATCH /api/v1/nodes"))).toEqual([]);
});

test("names the nodes that it skipped, and tries again in the next update", async () => {
  server.addNode("off", OLD, { [protectedLabels.pool]: "gw" }, false);
  const result = await run();
  expect(result).toEqual({ skipped: [{ name: "off", reason: "not Ready" }] });
  const inputs = { kubeconfig: "", ...wave() };
  expect(await operations.diff!("", { ...inputs, ...result }, inputs)).toEqual({ changes: true });
  expect(await operations.diff!("", { ...inputs, skipped: [] }, inputs)).toEqual({ changes: false });
});

test("stops at the first node whose upgrade fails, and leaves nothing cordoned", async () => {
  server.failing.add("a");
  await expect(run(wave({ concurrency: 1 }))).rejects.toThrow(
    "k3s-wave-1 stopped: the upgrade of a failed: DeadlineExceeded",
  );
  expect(versions().filter((version) => version === NEW).length).toBeLessThanOrEqual(1);
  expect(states().map(([, , cordoned]) => cordoned)).toEqual([false, false, false, false]);
  expect(server.nodes.get("a")).toMatchObject({ metadata: { labels: { [protectedLabels.upgrade]: "failed" } } });
  expect(server.plans.get("k3s-wave-1")).toMatchObject({ spec: { concurrency: 0 } });
  expect(server.jobs.has("apply-a")).toBe(false);
});

test("continues after the failed node is repaired", async () => {
  server.failing.add("a");
  await expect(run()).rejects.toThrow("stopped");
  server.failing.clear();
  expect(await run()).toEqual({ skipped: [] });
  expect(versions()).toEqual([NEW, NEW, NEW, OLD]);
  expect(states().every(([, mark]) => mark === "")).toBe(true);
});

test("marks no node while the controller is missing, and says so", async () => {
  server.knowsPlans = false;
  await expect(run()).rejects.toThrow("does not know the kind Plan: check the system-upgrade-controller");
  expect(states().every(([, mark]) => mark === "")).toBe(true);
});

/** Connects to an API server that does not answer the first requests. */
async function connectLate(failures: number): Promise<UpgradeApi> {
  const api = await connectForUpgrade(await loadKubeConfig(server.kubeconfig));
  const observe: UpgradeApi["observe"] = (...args) =>
    failures-- > 0 ? Promise.reject(new Error("ECONNREFUSED")) : api.observe(...args);
  return Object.assign(Object.create(api) as UpgradeApi, { observe });
}

test("waits for an API server that is away while its only server restarts", async () => {
  expect(await runWave(await connectLate(20), wave(), clock)).toEqual({ skipped: [] });
});

test("gives up when the API server does not come back", async () => {
  await expect(runWave(await connectLate(1000), wave(), clock)).rejects.toThrow("ECONNREFUSED");
  expect(passed).toBeGreaterThanOrEqual(15 * 60_000);
});

test("does not start outside the maintenance window", async () => {
  const days = ["monday" as const];
  const window = { days, start: "00:00", end: "00:01", timeZone: "UTC" };
  const isMonday = new Date().getUTCDay() === 1;
  await expect(run(wave({ window: isMonday ? { ...window, days: ["friday"] } : window }))).rejects.toThrow(
    "outside the maintenance window",
  );
  expect(server.requests.filter((each) => each.startsWith("PATCH"))).toEqual([]);
});
