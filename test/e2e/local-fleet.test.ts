import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

import { LabClient, type LabStatus } from "../../components/nodes/lab/client";
import type { StatusReport } from "../../cli/status/report";
import { labels } from "../../fleet/labels";
import type { ClusterSpec, Fleet } from "../../fleet/model";
import { nodeLabels, nodeNames } from "../../fleet/nodes";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { findMosquitto } from "../integration/support/installed-mosquitto";
import { describeAdmission } from "./admission";
import { Checkout } from "./checkout";
import { describeCredentials } from "./credentials";
import { describeEdgeData, expectMessages } from "./edge-data-flow";
import { eventually } from "./eventually";
import { describeHostNetwork } from "./host-network";
import { interruptUps } from "./interrupted-up";
import { describeJoining } from "./joining";
import { describeNodeAgents, expectAgentsToFollowTheNetwork } from "./node-agents";
import { describeNodePools } from "./node-pools";
import { describePlacement } from "./placement";
import { describePreview } from "./preview";
import { hasEnded } from "./processes";
import { describeScheduling } from "./scheduling";
import { describeSchedulingClock } from "./scheduling-clock";
import { describeSchedulingFaults } from "./scheduling-faults";
import { findDifferences, readStatus } from "./whole-fleet";

const checkout = new Checkout();
const fleet: Fleet = parseFleet(local);
const tokyo = fleet.clusters.find(({ name }) => name === "tokyo")!;
const MERGE_PATCH = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

function api(cluster: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(join(checkout.home, "kubeconfig", cluster));
  return config;
}
const core = (cluster: string): CoreV1Api => api(cluster).makeApiClient(CoreV1Api);
const lab = (): LabClient => new LabClient(join(checkout.home, "lab", "lab.sock"));

const status = (): Promise<StatusReport> => readStatus(checkout);

async function up(): Promise<void> {
  await checkout.succeed("bin/skerry", "up");
}

const programsOf = (found: LabStatus, image: string) => found.processes.filter((each) => each.image.includes(image));

/** Expects that nothing is duplicated, missing or left to do, as after every `up`. */
const expectWhole = async (): Promise<void> => expect(await findDifferences(checkout, fleet)).toEqual([]);

/** Must be installed before the lab starts. */
const mosquitto = findMosquitto(__filename);

/** Duration of the first `up`. */
let upSeconds = 0;

beforeAll(async () => {
  const started = Date.now();
  await up();
  upSeconds = (Date.now() - started) / 1000;
}, 600_000);
afterAll(async () => {
  await checkout.run("bin/skerry", "down", "--force");
  checkout.remove();
}, 120_000);
jest.setTimeout(300_000);

test("every pod is placed, and a preview has no changes", expectWhole);

test("kubeconfigs are in the documented folder and only readable by the user", () => {
  const folder = join(checkout.home, "kubeconfig");
  expect(readdirSync(folder).sort()).toEqual(fleet.clusters.map(({ name }) => name).sort());
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
});

describe.each(fleet.clusters.map((cluster) => [cluster.name, cluster] as const))("%s", (name, cluster: ClusterSpec) => {
  test("every node has the labels and taints of its pool", async () => {
    const nodes = new Map((await core(name).listNode()).items.map((node) => [node.metadata!.name!, node]));
    for (const pool of cluster.nodePools) {
      for (const nodeName of nodeNames(pool)) {
        const node = nodes.get(nodeName);
        expect({ nodeName, labels: node?.metadata?.labels }).toMatchObject({ nodeName, labels: nodeLabels(pool) });
        const taints = (node?.spec?.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect }));
        expect({ nodeName, taints }).toEqual({ nodeName, taints: pool.taints });
      }
    }
  });

  test("pods run where their placement requires", async () => {
    const report = await status();
    const pods = report.pods.filter((pod) => pod.cluster === name);
    const regionOf = new Map(report.nodes.map((node) => [`${node.cluster}/${node.name}`, node.region]));
    const live = await core(name).listPodForAllNamespaces();
    const bound = live.items.filter(({ metadata }) => metadata?.labels?.[labels.requiredRegion]);
    expect(bound.length).toBeGreaterThan(0);
    for (const { metadata, spec } of bound) {
      expect({ pod: metadata?.name, region: regionOf.get(`${name}/${spec?.nodeName}`) }).toEqual({
        pod: metadata?.name,
        region: metadata?.labels?.[labels.requiredRegion],
      });
    }
    const gateways = cluster.nodePools.filter(({ edgeNodeType }) => edgeNodeType === "iot-gateway").flatMap(nodeNames);
    const sensors = pods.filter(({ name: pod }) => pod.startsWith("sensor-gateway")).map(({ node }) => node);
    expect(sensors.sort()).toEqual(gateways.sort());
  });

  test("the scheduler and the node controller run as processes", async () => {
    const found = await lab().status();
    for (const image of ["edge-scheduler", "node-controller"]) {
      const here = programsOf(found, image).filter((each) => each.cluster === name);
      expect(here.map(({ state }) => state)).toEqual(["running", "running"]);
      for (const { pid } of here) expect(() => process.kill(pid, 0)).not.toThrow();
    }
  });
});

mosquitto.suite(`edge data${mosquitto.reason}`, () => describeEdgeData(checkout, fleet, () => lab().status(), status));

describe("the node agents", () => describeNodeAgents(fleet, api, () => lab().status()));

describe("the API server accepts rendered placements", () => describePlacement(() => api("tokyo"), fleet));

describe("the plugins of the scheduler", () => describeScheduling(() => api("tokyo"), tokyo));

describe("faults of the scheduler's inputs and of the API server", () =>
  describeSchedulingFaults(
    () => api("tokyo"),
    tokyo,
    () => lab().status(),
  ));

describe("steps of the scheduler's clock", () =>
  describeSchedulingClock(() => api("tokyo"), tokyo, join(checkout.home, "lab", "pods", "tokyo", "clock-offset")));

describe("the API server enforces the rules", () => describeAdmission(() => api("tokyo"), fleet));

describe("the network of AWS' programs", () => describeHostNetwork(() => api("tokyo")));

describe("the node controller restores labels and taints", () => describeNodePools(() => api("tokyo"), tokyo));

describe("a preview", () => describePreview(checkout, up, status, () => api("tokyo")));

describe("joining", () => describeJoining(() => api("tokyo"), lab, tokyo));

describe("the credentials of a cluster", () => describeCredentials(checkout, () => api("tokyo"), up));

describe("faults", () => {
  test("a killed scheduler and a killed node controller are restarted", async () => {
    const edgeNode = nodeNames(tokyo.nodePools.find(({ role }) => role === "edge-worker")!)[0]!;
    const before = await lab().status();
    const victims = [...programsOf(before, "edge-scheduler"), ...programsOf(before, "node-controller")].filter(
      ({ cluster }) => cluster === "tokyo",
    );
    for (const { pid } of victims) process.kill(pid, "SIGKILL");
    await eventually("four processes run again", 60, async () => {
      const found = await lab().status();
      const now = [...programsOf(found, "edge-scheduler"), ...programsOf(found, "node-controller")].filter(
        ({ cluster, state }) => cluster === "tokyo" && state === "running",
      );
      return now.length === victims.length && now.every(({ pid }) => !victims.some((victim) => victim.pid === pid));
    });
    await core("tokyo").patchNode(
      { name: edgeNode, body: { metadata: { labels: { [labels.edgeRegion]: null } } } },
      MERGE_PATCH,
    );
    await eventually(
      "labels are kept again",
      30,
      async () =>
        (await core("tokyo").readNode({ name: edgeNode })).metadata?.labels?.[labels.edgeRegion] !== undefined,
    );
  });

  test(
    "killed node agents are restarted, and measure the network as it is then",
    () =>
      expectAgentsToFollowTheNetwork(
        tokyo,
        api("tokyo"),
        () => lab().status(),
        join(checkout.home, "lab", "pods", "tokyo", "links.json"),
      ),
    600_000,
  );

  test("a killed lab leaves no process behind, and up continues from its state", async () => {
    const before = await lab().status();
    const uid = (await core("tokyo").readNamespace({ name: "kube-system" })).metadata?.uid;
    process.kill(before.pid, "SIGKILL");
    const pids = [...before.servers, ...before.processes].map(({ pid }) => pid);
    await eventually("its children are gone", 10, async () => pids.every(hasEnded));
    await up();
    expect((await core("tokyo").readNamespace({ name: "kube-system" })).metadata?.uid).toBe(uid);
    await expectWhole();
    if (!mosquitto.reason) await expectMessages(checkout, fleet);
  });

  test("a concurrent up names the running one, and fails with --no-wait", async () => {
    const first = checkout.start("bin/skerry", "up");
    await eventually("the first has the lock", 20, async () => existsSync(join(checkout.home, "run.lock")));
    const second = await checkout.run("bin/skerry", "up", "--no-wait");
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(/"skerry up" \(pid \d+/);
    expect(await new Promise((resolve) => first.on("exit", resolve))).toBe(0);
  });

  // `npx tsx test/e2e/interrupted-up.ts` runs more rounds with a different seed.
  test("the next up completes a first up that was killed at a random moment", async () => {
    const seed = Number(process.env.SKERRY_SEED ?? 1);
    for await (const { target, moment, differences } of interruptUps(checkout, {
      rounds: 2,
      seed,
      seconds: upSeconds,
    })) {
      expect({ seed, target, moment, differences }).toEqual({ seed, target, moment, differences: [] });
    }
  }, 900_000);

  test("refresh finds no changes", async () => {
    const { code, stdout } = await checkout.run(
      "bin/pulumi",
      "refresh",
      "-s",
      "local",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
    );
    if (code !== 0) throw new Error(`refresh ended with ${code}: ${stdout.slice(-3000)}`);
  });
});

test("down deletes everything that up created", async () => {
  const { servers, processes, pid } = await lab().status();
  const { code, stderr } = await checkout.run("bin/skerry", "down");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(existsSync(checkout.home)).toBe(false);
  for (const each of [pid, ...servers.map((server) => server.pid), ...processes.map((process_) => process_.pid)]) {
    expect(hasEnded(each)).toBe(true);
  }
});
