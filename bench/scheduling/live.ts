/** The live scheduler in a lab cluster: nodes, pods, and the time from the first placement to the last. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type * as Kubernetes from "@kubernetes/client-node";
import { App } from "cdk8s";
import { Agent } from "undici";
import { parse, stringify } from "yaml";

import { DefinitionsChart } from "../../charts/system/definitions";
import { regionLinks } from "../../charts/system/region-links";
import { schedulerConfig } from "../../charts/system/scheduler-config";
import { EDGE_SCHEDULER, labels } from "../../fleet/labels";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { type LabCluster, withCluster } from "../lab-cluster";
import type { Demand, Policy, Run } from "./end-to-end-report";
import {
  IDLE_SECONDS,
  type Moment,
  PORT,
  PROFILE,
  type Progress,
  readMetrics,
  writeProfile,
} from "./scheduler-metrics";

/** Above this number of nodes, leases and samples would use most of the API server, so nodes renew and publish less often. */
const MANY_NODES = 2000;
const REDUCED_RATE = ["--node-lease-duration=160s", "--sampling-interval=2m"];
/** Timeout of one run. */
const TIMEOUT_SECONDS = 1200;
/** Maximum number of concurrent requests. */
const CONCURRENCY = 32;

const fleet = parseFleet(local);
export const regions = [
  ...new Set(fleet.clusters.flatMap(({ nodePools }) => nodePools.map(({ region }) => region))),
].slice(0, 10);

/** Flags with which the stock policy behaves like upstream's scheduler. */
const FLAGS: Readonly<Record<Policy, readonly string[]>> = { stock: ["--max-inflight-requests=0"], edge: [] };

/** Renders the chart's configuration or, for stock, upstream's. There is one scheduler at a time, so it needs no lease. */
export function renderConfig(policy: Policy, links: string): string {
  const config = parse(schedulerConfig({ edgeProximity: { linksFile: links } })) as Record<string, unknown>;
  config.leaderElection = { leaderElect: false };
  if (policy === "stock") config.profiles = [{ schedulerName: EDGE_SCHEDULER }];
  return stringify(config);
}

async function forEachConcurrently<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  const remaining = [...items];
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let item = remaining.pop(); item !== undefined; item = remaining.pop()) await run(item);
    }),
  );
}

export function createPod(run: string, index: number, demand: Demand): Kubernetes.V1Pod {
  const region = regions[index % regions.length]!;
  return {
    metadata: {
      // Names are unique: a simulated node may still process a pod of the previous run.
      name: `${run}-${index}`,
      labels: { run: "bench", ...(demand === "a region" ? { [labels.requiredRegion]: region } : {}) },
    },
    spec: {
      schedulerName: EDGE_SCHEDULER,
      automountServiceAccountToken: false,
      // For the stock policy; it selects the same nodes as the label.
      ...(demand === "a region" ? { nodeSelector: { [labels.edgeRegion]: region } } : {}),
      tolerations: [{ operator: "Exists" }],
      containers: [{ name: "main", image: "pause:3.10", resources: { requests: { cpu: "10m", memory: "16Mi" } } }],
    },
  };
}

/** Checks whether every node has published its usage. */
async function haveAllPublished(cluster: LabCluster, nodes: number): Promise<boolean> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const api = cluster.config.makeApiClient(kubernetes.CustomObjectsApi);
  const kind = { group: "skerry.dev", version: "v1alpha1", plural: "nodeprofiles" };
  const { items, metadata } = (await api.listClusterCustomObject({
    ...kind,
    limit: 1,
  })) as Kubernetes.KubernetesListObject<never>;
  return items.length + (metadata?.remainingItemCount ?? 0) >= nodes;
}

/** Counts the bound pods. */
async function countBound(core: Kubernetes.CoreV1Api, namespace: string): Promise<number> {
  const { items } = await core.listNamespacedPod({ namespace, resourceVersion: "0" });
  return items.filter(({ spec }) => spec?.nodeName).length;
}

/** Ignores the error of a retried deletion whose first attempt succeeded after its timeout. */
function ignoreNotFound(error: unknown): void {
  if ((error as { code?: number }).code !== 404) throw error;
}

/** Creates pods, runs the scheduler until all are placed, and deletes them. */
export async function measureRun(
  cluster: LabCluster,
  binary: string,
  size: readonly [number, number],
  policy: Policy,
  demand: Demand,
  profiles?: string,
): Promise<Run> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const core = cluster.config.makeApiClient(kubernetes.CoreV1Api);
  const namespace = "default";
  const [nodes, pods] = size;
  const name = `run-${Date.now()}`;
  await forEachConcurrently(
    Array.from({ length: pods }, (_, index) => index),
    (index) => core.createNamespacedPod({ namespace, body: createPod(name, index, demand) }),
  );
  const file = (name: string, text: string): string => {
    writeFileSync(join(cluster.state, name), text, { mode: 0o600 });
    return join(cluster.state, name);
  };
  const config = file("scheduler.yaml", renderConfig(policy, file("links.json", regionLinks(fleet))));
  const scheduler = spawn(
    binary,
    [
      `--config=${config}`,
      `--secure-port=${PORT}`,
      "--bind-address=127.0.0.1",
      `--authorization-always-allow-paths=/metrics,${PROFILE}`,
      ...FLAGS[policy],
    ],
    { stdio: "ignore", env: { ...process.env, KUBECONFIG: file("kubeconfig", cluster.kubeconfig) } },
  );
  const started = Date.now();
  const ended = new Promise((resolve) => scheduler.on("exit", resolve));
  const stop = (): boolean => scheduler.kill();
  process.once("exit", stop);
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  let profiling: Promise<unknown> | undefined;
  // A binding that succeeds after its timeout counts as failed. Listing pods takes seconds, so it happens only when the
  // scheduler has not placed a pod for a while.
  const areRestBound = async (last: Moment, now: Progress | undefined): Promise<boolean> =>
    now?.pending === 0 && Date.now() - last.at > 1000 * IDLE_SECONDS && (await countBound(core, namespace)) === pods;
  try {
    // Measure from the first placement to the last, without startup and polling.
    let first: Moment | undefined;
    let last: Moment | undefined;
    for (;;) {
      if (scheduler.exitCode !== null)
        throw new Error(`the ${policy} scheduler exited with code ${scheduler.exitCode}`);
      const now = await readMetrics(dispatcher);
      if (now && now.scheduled > (last?.scheduled ?? 0)) last = { at: Date.now(), ...now };
      first ??= last;
      if (first && profiles) {
        profiling ??= writeProfile(dispatcher, join(profiles, `${nodes}-${demand}-${policy}.pb.gz`.replace(" ", "-")));
      }
      if (first && last && (last.scheduled >= pods || (await areRestBound(last, now)))) {
        const seconds = (last.at - first.at) / 1000;
        process.stderr.write(`${nodes} nodes, ${demand}, ${policy}: ${pods} pods in ${seconds.toFixed(1)} s\n`);
        return {
          policy,
          demand,
          nodes,
          pods: last.scheduled - first.scheduled,
          seconds,
          cpuSeconds: last.cpuSeconds - first.cpuSeconds,
        };
      }
      if (Date.now() - started > 1000 * TIMEOUT_SECONDS) {
        throw new Error(
          `the ${policy} scheduler placed ${last?.scheduled ?? 0} of ${pods} pods in ${TIMEOUT_SECONDS} s`,
        );
      }
      await sleep(200);
    }
  } finally {
    await profiling;
    stop();
    await ended;
    process.off("exit", stop);
    await dispatcher.close();
    // Deleting the collection would exceed the request timeout.
    const { items } = await core.listNamespacedPod({ namespace });
    await forEachConcurrently(items, ({ metadata }) =>
      core.deleteNamespacedPod({ namespace, name: metadata!.name!, gracePeriodSeconds: 0 }).catch(ignoreNotFound),
    );
    while ((await core.listNamespacedPod({ namespace, limit: 1 })).items.length > 0) await sleep(500);
  }
}

/** Flags of a lab with this number of nodes. */
export const labFlags = (nodes: number): readonly string[] => (nodes > MANY_NODES ? REDUCED_RATE : []);

/** Starts a lab cluster with `nodes` nodes in all regions, and passes it to `use` once they have published their usage. */
export function withNodes(
  labBinary: string,
  nodes: number,
  use: (cluster: LabCluster) => Promise<void>,
): Promise<void> {
  const prepare = async (cluster: LabCluster): Promise<void> => {
    const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
    const chart = new DefinitionsChart(new App(), "definitions");
    const definitions = chart.toJson() as Kubernetes.V1CustomResourceDefinition[];
    const extensions = cluster.config.makeApiClient(kubernetes.ApiextensionsV1Api);
    for (const body of definitions) await extensions.createCustomResourceDefinition({ body });
    for (const region of regions) {
      await cluster.join(`bench-${region}`, nodes / regions.length, { region, zone: `${region}-a` });
    }
    while ((await cluster.ready()) < nodes) await sleep(5000);
    process.stderr.write(`${nodes} nodes are ready\n`);
    while (!(await haveAllPublished(cluster, nodes))) await sleep(1000);
    process.stderr.write("all nodes have published their usage\n");
    await use(cluster);
  };
  return withCluster(labBinary, prepare, { flags: labFlags(nodes) });
}
