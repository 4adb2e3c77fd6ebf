import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { AppsV1Api, CoreV1Api, PolicyV1Api } from "@kubernetes/client-node";

import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { CONTROL_PLANE } from "../../fleet/labels";
import { eventually } from "./eventually";
import { readMembers } from "./members";
import { killJoiningServers } from "./server-joining";
import { type TrioChange, writeTrio } from "./trio";
import { SERVERS, TrioCluster } from "./trio-cluster";
import { Writer } from "./writer";

const trio = new TrioCluster();
/** Longest time without writes after the loss of one server of three, in ms, on a busy machine. */
const MOST_WITHOUT_WRITES_MS = 30_000;

/** Returns the steps of a preview with a changed fleet. */
function plan(change: TrioChange): Promise<string[]> {
  writeTrio(trio.checkout, change);
  return trio.plan();
}

let clusterUid = "";

jest.setTimeout(420_000);

beforeAll(async () => {
  writeTrio(trio.checkout);
  await trio.up();
  clusterUid = await trio.clusterUid();
}, 600_000);
afterAll(() => trio.remove(), 120_000);

test("three servers form one etcd", () => trio.waitForOneCluster(clusterUid));

test("the API accepts writes without one server, stops without two, and loses none", async () => {
  const writer = new Writer(trio.config, "write-loss");
  await eventually("writes succeed", 10, async () => writer.count > 10);
  await trio.lab.stopServer(SERVERS[0]!);
  const before = writer.count;
  await eventually("writes continue", 60, async () => writer.count > before + 20);
  console.log(`longest time without writes after the loss of a server: ${writer.longestGapMs} ms`);
  expect(writer.longestGapMs).toBeLessThan(MOST_WITHOUT_WRITES_MS);

  await trio.lab.stopServer(SERVERS[1]!);
  await sleep(1_000);
  const stopped = writer.count;
  await sleep(8_000);
  expect(writer.count).toBe(stopped);

  for (const name of SERVERS.slice(0, 2)) await trio.lab.startServer(name);
  await eventually("writes succeed again", 90, async () => writer.count > stopped + 20);
  expect(await writer.stop()).toEqual([]);
  await trio.waitForOneCluster(clusterUid);
});

describe("changes that must not touch a server", () => {
  test.each<[string, TrioChange]>([
    ["the size of a pool", { agents: 4 }],
    ["the labels of a pool", { labels: { shelf: "upper" } }],
  ])("%s", async (_what, change) => {
    const steps = await plan(change);
    expect(steps.join("\n")).toContain("trio-edge");
    expect(steps.filter((step) => step.includes("trio-server"))).toEqual([]);
  });

  test("fewer servers are refused in the preview", async () => {
    writeTrio(trio.checkout, { servers: 1 });
    const { code, stdout, stderr } = await trio.checkout.run(
      "bin/pulumi",
      "preview",
      "-s",
      "local",
      "--non-interactive",
    );
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("clusters.trio.servers: must not be reduced from 3 to 1");
  });
});

/** Creates two pods on servers, of which a number must always run, and waits for them. */
async function deployOnServers(name: string, minAvailable: number): Promise<void> {
  const labels = { app: name };
  const metadata = { name, namespace: "default" };
  await trio.config.makeApiClient(PolicyV1Api).createNamespacedPodDisruptionBudget({
    namespace: "default",
    body: { metadata, spec: { minAvailable, selector: { matchLabels: labels } } },
  });
  const toleration = { key: CONTROL_PLANE, operator: "Exists" };
  const container = {
    name: "main",
    image: "registry.k8s.io/pause:3.10",
    resources: { requests: { cpu: "10m", memory: "8Mi" }, limits: { memory: "8Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  await trio.config.makeApiClient(AppsV1Api).createNamespacedDeployment({
    namespace: "default",
    body: {
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { nodeSelector: { [CONTROL_PLANE]: "true" }, tolerations: [toleration], containers: [container] },
        },
      },
    },
  });
  await eventually("pods run on servers", 30, async () => (await readyPods(name)) === 2);
}
const readyPods = async (name: string): Promise<number> =>
  (await trio.config.makeApiClient(AppsV1Api).readNamespacedDeployment({ name, namespace: "default" })).status
    ?.readyReplicas ?? 0;

/** Returns the largest number of servers that were not ready at the same time, until a promise is settled. */
async function mostMissing(until: Promise<unknown>): Promise<number> {
  let settled = false;
  void until.catch(() => undefined).finally(() => (settled = true));
  let most = 0;
  while (!settled) {
    const ready = (await trio.lab.status()).servers.filter(({ state }) => state === "ready").length;
    most = Math.max(most, SERVERS.length - ready);
    await sleep(250);
  }
  return most;
}

test("a new generation replaces the servers one after the other, and every object stays", async () => {
  await deployOnServers("guarded", 1);
  const before = await trio.everyObject();
  const machines = (await trio.lab.status()).servers.map(({ id }) => id);

  const steps = (await plan({ serverGeneration: 2 })).filter((step) => step.includes("trio-server-"));
  expect(steps).toEqual(SERVERS.flatMap((server) => [`replace ${server}`, `replace ${server}-membership`]));

  const writer = new Writer(trio.config, "write-replace");
  const updating = trio.up();
  const missing = await mostMissing(updating);
  await updating;
  expect(missing).toBe(1);
  console.log(`longest time without writes while three servers were replaced: ${writer.longestGapMs} ms`);
  expect(writer.longestGapMs).toBeLessThan(MOST_WITHOUT_WRITES_MS);
  expect(await writer.stop()).toEqual([]);

  await trio.waitForOneCluster(clusterUid);
  await trio.expectEveryObject(before);
  await eventually("the guarded pods run", 60, async () => (await readyPods("guarded")) === 2);
  const replaced = (await trio.lab.status()).servers.map(({ id }) => id);
  expect(replaced.filter((id) => machines.includes(id))).toEqual([]);
});

/** Lets Pulumi replace the first server, whose machine is gone. */
async function replaceFirstServer(): Promise<void> {
  await trio.run("bin/pulumi", "refresh", "-s", "local", "--yes", "--skip-preview", "--non-interactive");
  await trio.up();
  await trio.waitForOneCluster(clusterUid);
}

test("a lost first server is replaced by one that joins", async () => {
  const before = await trio.everyObject();
  await trio.lab.deleteServer(SERVERS[0]!);
  await replaceFirstServer();
  await trio.expectEveryObject(before);
});

test("the replacement of the first server waits while no other server answers, and starts no cluster", async () => {
  const { address, hostname } = { address: "trio", hostname: "trio-server-01" };
  for (const name of SERVERS.slice(1)) await trio.lab.stopServer(name);
  const { state } = await trio.lab.getServer(SERVERS[0]!);
  expect(state).not.toBe("stopped");
  await trio.lab.deleteServer(SERVERS[0]!);
  const userData = String(readFileSync(join(trio.state, "machines", SERVERS[1]!, "user-data")));
  const machine = { instanceType: "m6i.large", cpuCores: 2, memoryMiB: 8192, ephemeralGiB: 32 };
  await trio.lab.putServer(SERVERS[0]!, { hostname, address, machine, userData, credentialsRevision: "" });
  await sleep(10_000);
  const waiting = await trio.lab.getServer(SERVERS[0]!);
  expect(waiting).toMatchObject({
    state: "joining",
    message: expect.stringContaining("waiting for the cluster at") as unknown,
  });
  for (const name of SERVERS.slice(1)) await trio.lab.startServer(name);
  for (const name of SERVERS.slice(1)) await trio.serverReady(name);
  // Its predecessor is still a member, until its Node is deleted.
  const nodes = trio.config.makeApiClient(CoreV1Api);
  await nodes.deleteNode({ name: hostname });
  await trio.serverReady(SERVERS[0]!);
  await trio.waitForOneCluster(clusterUid);
  // Pulumi knows neither the machine nor the Node that this test created. It deletes the Node for its own machine.
  await trio.lab.deleteServer(SERVERS[0]!);
  await replaceFirstServer();
});

test("servers that are killed while they join end in one cluster of three", async () => {
  const [binary] = await resolveTools([tool("lab")], new ConsoleProgress());
  const seed = Number(process.env.SKERRY_SEED ?? 1);
  for await (const { moments, voters, clusters } of killJoiningServers(binary!.path, { rounds: 2, seed })) {
    expect({ seed, moments, voters, clusters: clusters.length }).toEqual({ seed, moments, voters: 3, clusters: 1 });
  }
}, 600_000);

test("servers are removed one at a time on request", async () => {
  const before = await trio.everyObject();
  writeTrio(trio.checkout, { servers: 1, serverGeneration: 2 });
  const refused = await trio.checkout.run("bin/skerry", "up");
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("clusters.trio.servers: must not be reduced from 3 to 1");
  expect((await trio.lab.status()).servers).toHaveLength(3);

  process.env.SKERRY_REMOVE_SERVERS = "trio";
  try {
    await trio.up();
  } finally {
    delete process.env.SKERRY_REMOVE_SERVERS;
  }
  expect((await trio.lab.status()).servers.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "trio-server-1 ready",
  ]);
  const { value } = await eventually("the server answers", 60, () => readMembers(trio.state, SERVERS[0]!));
  expect(value).toEqual({ clusterUid, voters: 1 });
  await trio.expectEveryObject(before);
});

test("one server grows to three", async () => {
  const before = await trio.everyObject();
  writeTrio(trio.checkout, { serverGeneration: 2 });
  await trio.up();
  await trio.waitForOneCluster(clusterUid);
  await trio.expectEveryObject(before);
});

test("a cluster is deleted without draining its servers", async () => {
  // A drain would fail.
  await deployOnServers("pinned", 2);
  await trio.run("bin/pulumi", "destroy", "-s", "local", "--yes", "--skip-preview", "--non-interactive");
  const { servers, addresses } = await trio.lab.status();
  expect({ servers, addresses }).toEqual({ servers: [], addresses: [] });
});
