import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

import { labels } from "../../fleet/labels";
import type { FleetInput } from "../../fleet/reading/schema";
import { Checkout } from "./checkout";
import { ApiServer } from "./api-server";
import { readStatus } from "./whole-fleet";

/** The project of the cluster's owner, who creates it without Skerry's objects. */
const owner = new Checkout();
const state = mkdtempSync(join(tmpdir(), "skerry-e2e-state-"));
/** The project that adopts the cluster. */
const adopter = new Checkout({ PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "test" });

const owned: FleetInput = {
  name: "owned",
  regions: [
    { name: "frankfurt", latitude: 50.11, longitude: 8.68 },
    { name: "london", latitude: 51.51, longitude: -0.13 },
  ],
  clusters: [
    {
      name: "europe",
      homeRegion: "frankfurt",
      nodePools: [
        { name: "cloud", region: "frankfurt", device: "m6i.large", role: "cloud-worker", count: 2 },
        { name: "gw", region: "london", device: "iot-gateway-x86", count: 2 },
        { name: "pi", region: "london", device: "raspberry-pi-5", count: 2 },
      ],
    },
  ],
};

const OWNER_PROGRAM = `
import type * as pulumi from "@pulumi/pulumi";
import { Cluster } from "../components/clusters/cluster";
import { LabMachines } from "../components/nodes/lab/machines";
import { parseFleet } from "../fleet/reading/parse";
import { local } from "./local";

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};
for (const spec of parseFleet(local).clusters) {
  kubeconfigs[spec.name] = new Cluster(spec.name, { cluster: spec, machines: new LabMachines() }).kubeconfig;
}
`;

/** The program of docs/existing-clusters.md, with workloads and brokers added to the adopted fleet. */
const ADOPTER_PROGRAM = `
import { FleetDeployment } from "../components/fleet";
import { ExistingClusters } from "../components/nodes/existing/clusters";
import { fleet } from "./adopted";

export const { kubeconfigs } = new FleetDeployment("fleet", { fleet, machines: new ExistingClusters() });
`;

const ADDED = `
import type { FleetInput } from "../fleet/reading/schema";
import { fleet as found } from "./found";

export const fleet: FleetInput = {
  ...found,
  clusters: found.clusters.map((cluster) => ({
    ...cluster,
    nodePools: cluster.nodePools.map((pool) =>
      pool.region === "frankfurt" ? { ...pool, role: "cloud-worker" as const } : pool,
    ),
    cloudBroker: {},
    brokers: [{ name: "london-mqtt", region: "london" }],
  })),
  workloads: {
    detector: {
      namespace: "telemetry",
      image: "ghcr.io/example/detector:1.0.0",
      placement: { kind: "region", region: "london", replicas: 3 },
      resources: { cpu: "100m", memory: "64Mi" },
    },
    probe: {
      namespace: "shop",
      image: "ghcr.io/example/probe:1.0.0",
      placement: { kind: "every-node" },
      resources: { cpu: "10m", memory: "16Mi" },
    },
  },
};
`;

const MERGE_PATCH = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const kubeconfig = join(owner.home, "kubeconfig", "europe");
const found = join(adopter.folder, "stacks", "found.ts");

function api(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}

interface Listed {
  readonly items?: readonly {
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
  }[];
}

/** Lists every object of the cluster with its UID, except those that programs write all the time. */
async function listEverything(): Promise<string[]> {
  const server = new ApiServer(api());
  const get = async <T>(path: string): Promise<T> => (await server.send("GET", path)).body as T;
  const { groups } = await get<{ groups: { preferredVersion: { groupVersion: string } }[] }>("/apis");
  const paths = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = await Promise.all(
    paths.map(async (path) => {
      const { resources = [] } = await get<{ resources?: { name: string; verbs: string[] }[] }>(path);
      const listed = resources.filter(
        ({ name, verbs }) => verbs.includes("list") && !/^(events|componentstatuses)$/.test(name),
      );
      return Promise.all(
        listed.map(async ({ name }) =>
          ((await get<Listed>(`${path}/${name}`)).items ?? []).map(
            ({ metadata }) => `${path}/${name} ${metadata.namespace ?? ""}/${metadata.name} ${metadata.uid}`,
          ),
        ),
      );
    }),
  );
  return lists.flat(2).sort();
}

/** Everything about the nodes that Skerry may change. */
async function describeNodes(): Promise<object[]> {
  const { items } = await api().makeApiClient(CoreV1Api).listNode();
  const byKey = (record: Record<string, string> = {}) => Object.fromEntries(Object.entries(record).sort());
  return items
    .map(({ metadata, spec }) => ({
      name: metadata!.name!,
      uid: metadata!.uid,
      labels: byKey(metadata!.labels),
      annotations: byKey(metadata!.annotations),
      taints: (spec?.taints ?? []).map(({ key, value, effect }) => `${key}=${value ?? ""}:${effect}`).sort(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Makes the nodes look as if Skerry had never known them: with the labels and taints of a team. */
async function disguiseNodes(): Promise<void> {
  const core = api().makeApiClient(CoreV1Api);
  for (const { metadata } of (await core.listNode()).items) {
    const name = metadata!.name!;
    if (name.includes("server")) continue;
    const own = {
      [labels.edgeRegion]: null,
      [labels.nodeType]: null,
      [labels.nodePool]: null,
      [labels.deviceType]: null,
    };
    const gateway = name.startsWith("gw");
    const body = {
      metadata: {
        labels: { ...own, [labels.diskType]: gateway ? "hdd" : null, "example.com/rack": gateway ? "7" : null },
      },
      ...(gateway && { spec: { taints: [{ key: "dedicated", value: "iot", effect: "NoSchedule" }] } }),
    };
    await core.patchNode({ name, body }, MERGE_PATCH);
  }
  for (const name of ["shop", "empty"]) await core.createNamespace({ body: { metadata: { name } } });
}

const adopt = (...args: string[]) =>
  adopter.run("bin/skerry", "adopt", "--kubeconfig", kubeconfig, "--output", found, "--name", "europe", ...args);

jest.setTimeout(300_000);

let objectsBefore: string[];
let nodesBefore: object[];

beforeAll(async () => {
  writeFileSync(
    join(owner.folder, "stacks", "local.ts"),
    `export const local = ${JSON.stringify(owned)};\nexport default local;\n`,
  );
  writeFileSync(join(owner.folder, "stacks", "index.ts"), OWNER_PROGRAM);
  await owner.succeed("bin/skerry", "up");
  await disguiseNodes();
  objectsBefore = await listEverything();
  nodesBefore = await describeNodes();
  writeFileSync(join(adopter.folder, "stacks", "index.ts"), ADOPTER_PROGRAM);
  writeFileSync(join(adopter.folder, "stacks", "adopted.ts"), ADDED);
  await adopter.succeed("bin/pulumi", "stack", "init", "adopted");
});
afterAll(async () => {
  await owner.run("bin/skerry", "down", "--force");
  owner.remove();
  adopter.remove();
  rmSync(state, { recursive: true, force: true });
});

test("adopt writes a fleet without credentials, the same one each time, and overwrites no file", async () => {
  expect(await adopt()).toMatchObject({ code: 0 });
  const text = readFileSync(found, "utf8");
  const again = await adopt();
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("use --force to overwrite it");
  expect(await adopt("--force")).toMatchObject({ code: 0 });
  expect(readFileSync(found, "utf8")).toBe(text);
  expect(text).not.toMatch(/BEGIN|-data|LS0t/);
  expect(await adopter.succeed("bin/skerry", "validate", found, "--live")).toContain(`${found} is valid`);
});

test("everything that is wrong is reported with its path by preview and up, and nothing is applied", async () => {
  const text = readFileSync(found, "utf8");
  const wrong = text
    .replaceAll('region: "london"', 'region: "london", zone: "z"')
    .replace('"pi-02"', '"pi-09"')
    .replace(/existingNamespaces: \[[^\]]*\],/, "");
  writeFileSync(found, wrong);
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, stdout, stderr } = await adopter.run("bin/pulumi", ...command, "-s", "adopted", "--non-interactive");
    const output = stdout + stderr;
    expect({ command, code }).not.toEqual({ command, code: 0 });
    for (const problem of [
      /error: 4 problems in the fleet:/,
      /clusters\[0\]\.nodePools\[\d\]\.zone: got "z", but nodes gw-01, gw-02 have the label/,
      /clusters\[0\]\.nodePools\[\d\]\.nodes\.names\[1\]: the cluster has no node "pi-09"/,
      /clusters\[0\]\.existingNamespaces: must contain "shop"/,
    ]) {
      expect(output).toMatch(problem);
    }
  }
  writeFileSync(found, text);
  expect(await listEverything()).toEqual(objectsBefore);
  expect(await describeNodes()).toEqual(nodesBefore);
});

test("up delivers to the adopted cluster, and the edge scheduler places pods there", async () => {
  await adopter.succeed("bin/pulumi", "up", "-s", "adopted", "--yes", "--non-interactive");
  await adopter.succeed("bin/skerry", "kubeconfig", "-s", "adopted");
  const report = await readStatus(adopter);
  expect(report.unplaced).toEqual([]);
  const regionOf = new Map(report.nodes.map(({ name, region }) => [name, region]));
  const detectors = report.pods.filter(({ name }) => name.startsWith("detector"));
  expect(detectors.map(({ node, scheduler }) => [regionOf.get(node!), scheduler])).toEqual(
    Array.from({ length: 3 }, () => ["london", "edge-scheduler"]),
  );
  expect(report.brokers.map(({ name, region }) => [name, region]).sort()).toEqual([
    ["cloud", "frankfurt"],
    ["london-mqtt", "london"],
  ]);
  const gateways = report.nodes.filter(({ name }) => name.startsWith("gw"));
  expect(gateways.map(({ device, ready }) => [device, ready])).toEqual([
    ["iot-gateway-x86", true],
    ["iot-gateway-x86", true],
  ]);
  // The kubeconfig that `skerry status` reads is the one of the owner, with one context.
  expect(report.clusters).toMatchObject([{ name: "europe", reachable: true }]);
  await adopter.succeed("bin/pulumi", "preview", "-s", "adopted", "--expect-no-changes", "--non-interactive");
});

/** Runs Pulumi for a stack, and expects that it names the stack that manages the cluster. */
async function expectManagedBy(owner: string, stack: string): Promise<void> {
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, stdout, stderr } = await adopter.run("bin/pulumi", ...command, "-s", stack, "--non-interactive");
    expect({ command, code }).not.toEqual({ command, code: 0 });
    expect(stdout + stderr).toContain(`cluster europe is managed by stack skerry/${owner}`);
  }
}

test("a second stack is refused, and changes nothing", async () => {
  await adopter.succeed("bin/pulumi", "stack", "init", "second");
  const before = await describeNodes();
  await expectManagedBy("adopted", "second");
  await adopter.succeed("bin/pulumi", "destroy", "-s", "second", "--yes", "--skip-preview", "--non-interactive");
  expect(await describeNodes()).toEqual(before);
  await adopter.succeed("bin/pulumi", "preview", "-s", "adopted", "--expect-no-changes", "--non-interactive");
});

test("a moved cluster is managed by its new stack only", async () => {
  await adopter.succeed("bin/skerry", "move", "europe", "--from", "adopted", "--to", "moved");
  await adopter.succeed("bin/pulumi", "up", "-s", "moved", "--yes", "--skip-preview", "--non-interactive");
  await adopter.succeed("bin/pulumi", "preview", "-s", "moved", "--expect-no-changes", "--non-interactive");
  await expectManagedBy("moved", "adopted");
});

test("destroy removes exactly what was created, and returns the nodes to what they were", async () => {
  await adopter.succeed("bin/pulumi", "destroy", "-s", "moved", "--yes", "--skip-preview", "--non-interactive");
  expect(await listEverything()).toEqual(objectsBefore);
  expect(await describeNodes()).toEqual(nodesBefore);
});
