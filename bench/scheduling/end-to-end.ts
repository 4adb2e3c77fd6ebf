/**
 * Scheduling with everything around it: a lab cluster of so many nodes, pods that wait, then a scheduler that is started
 * and places them all. The stock scheduler and ours are the same program with different profiles and limits, in turn.
 *
 *   npx tsx bench/scheduling/end-to-end.ts [--rounds n] [--sizes nodes:pods,...] [--profiles folder]
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type * as Kubernetes from "@kubernetes/client-node";
import { App } from "cdk8s";
import { program } from "commander";
import { Agent } from "undici";
import { parse, stringify } from "yaml";

import { DefinitionsChart } from "../../charts/system/definitions";
import { regionLinks } from "../../charts/system/region-links";
import { schedulerConfig } from "../../charts/system/scheduler-config";
import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { EDGE_SCHEDULER, labels } from "../../fleet/labels";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { type LabCluster, withCluster } from "../lab-cluster";
import { type Demand, type Figure, POLICIES, type Policy, report } from "./end-to-end-report";
import { metrics, type Moment, PORT, PROFILE, type Progress, profile, STILL_SECONDS } from "./scheduler-metrics";

/** Nodes, and pods that wait for the scheduler. */
const SIZES = "1000:5000,5000:10000";
/** Above so many nodes, leases and samples leave pods little of the API server: nodes renew and publish less often then. */
const MANY_NODES = 2000;
const SELDOM = ["--node-lease-duration=160s", "--sampling-interval=2m"];
/** How long the pods of one run may take. */
const LIMIT_SECONDS = 1200;
/** How many requests are under way at once. */
const AT_ONCE = 32;

const fleet = parseFleet(local);
const regions = [...new Set(fleet.clusters.flatMap(({ nodePools }) => nodePools.map(({ region }) => region)))].slice(
  0,
  10,
);

/** What else the program needs to do as upstream's does. */
const FLAGS: Readonly<Record<Policy, readonly string[]>> = { stock: ["--max-inflight-requests=0"], edge: [] };

/** The chart's configuration; for stock, with upstream's plugins alone. No lease: there is one scheduler at a time. */
function configOf(policy: Policy, links: string): string {
  const config = parse(schedulerConfig({ edgeProximity: { linksFile: links } })) as Record<string, unknown>;
  config.leaderElection = { leaderElect: false };
  if (policy === "stock") config.profiles = [{ schedulerName: EDGE_SCHEDULER }];
  return stringify(config);
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    }),
  );
}

function podOf(run: string, index: number, demand: Demand): Kubernetes.V1Pod {
  const region = regions[index % regions.length]!;
  return {
    metadata: {
      // No name comes twice: what a simulated node has still to do for a pod of the last run would be done to this one.
      name: `${run}-${index}`,
      labels: { run: "bench", ...(demand === "a region" ? { [labels.requiredRegion]: region } : {}) },
    },
    spec: {
      schedulerName: EDGE_SCHEDULER,
      automountServiceAccountToken: false,
      // What stock goes by; to ours it says the same as the label.
      ...(demand === "a region" ? { nodeSelector: { [labels.edgeRegion]: region } } : {}),
      tolerations: [{ operator: "Exists" }],
      containers: [{ name: "main", image: "pause:3.10", resources: { requests: { cpu: "10m", memory: "16Mi" } } }],
    },
  };
}

/** Whether each node has published how busy it is. */
async function allSampled(cluster: LabCluster, nodes: number): Promise<boolean> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const api = cluster.config.makeApiClient(kubernetes.CustomObjectsApi);
  const kind = { group: "skerry.dev", version: "v1alpha1", plural: "nodeprofiles" };
  const { items, metadata } = (await api.listClusterCustomObject({
    ...kind,
    limit: 1,
  })) as Kubernetes.KubernetesListObject<never>;
  return items.length + (metadata?.remainingItemCount ?? 0) >= nodes;
}

/** How many pods have their node. */
async function bound(core: Kubernetes.CoreV1Api, namespace: string): Promise<number> {
  const { items } = await core.listNamespacedPod({ namespace, resourceVersion: "0" });
  return items.filter(({ spec }) => spec?.nodeName).length;
}

/** A deletion that the API server answered too late for took place, and was tried again. */
function unlessGone(error: unknown): void {
  if ((error as { code?: number }).code !== 404) throw error;
}

async function run(
  cluster: LabCluster,
  binary: string,
  size: readonly [number, number],
  policy: Policy,
  demand: Demand,
  profiles?: string,
): Promise<Figure> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const core = cluster.config.makeApiClient(kubernetes.CoreV1Api);
  const namespace = "default";
  const [nodes, pods] = size;
  const name = `run-${Date.now()}`;
  await eachOf(
    Array.from({ length: pods }, (_, index) => index),
    (index) => core.createNamespacedPod({ namespace, body: podOf(name, index, demand) }),
  );
  const file = (name: string, text: string): string => {
    writeFileSync(join(cluster.state, name), text, { mode: 0o600 });
    return join(cluster.state, name);
  };
  const config = file("scheduler.yaml", configOf(policy, file("links.json", regionLinks(fleet))));
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
  // A binding that an overloaded API server answers too late counts as failed, though it took place. The API is asked when
  // nothing was placed for long: it takes seconds to list pods.
  const restBound = async (last: Moment, now: Progress | undefined): Promise<boolean> =>
    now?.pending === 0 && Date.now() - last.at > 1000 * STILL_SECONDS && (await bound(core, namespace)) === pods;
  try {
    // From the first pod that is placed to the last: what a program does at its start, or this one to see that it is at
    // the end, is not of interest.
    let first: Moment | undefined;
    let last: Moment | undefined;
    for (;;) {
      if (scheduler.exitCode !== null) throw new Error(`the ${policy} scheduler ended with ${scheduler.exitCode}`);
      const now = await metrics(dispatcher);
      if (now && now.scheduled > (last?.scheduled ?? 0)) last = { at: Date.now(), ...now };
      first ??= last;
      if (first && profiles) {
        profiling ??= profile(dispatcher, join(profiles, `${nodes}-${demand}-${policy}.pb.gz`.replace(" ", "-")));
      }
      if (first && last && (last.scheduled >= pods || (await restBound(last, now)))) {
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
      if (Date.now() - started > 1000 * LIMIT_SECONDS) {
        throw new Error(`the ${policy} scheduler placed ${last?.scheduled ?? 0} of ${pods} pods in ${LIMIT_SECONDS} s`);
      }
      await sleep(200);
    }
  } finally {
    await profiling;
    stop();
    await ended;
    process.off("exit", stop);
    await dispatcher.close();
    // One by one: deleting them as a collection takes longer than a request may.
    const { items } = await core.listNamespacedPod({ namespace });
    await eachOf(items, ({ metadata }) =>
      core.deleteNamespacedPod({ namespace, name: metadata!.name!, gracePeriodSeconds: 0 }).catch(unlessGone),
    );
    while ((await core.listNamespacedPod({ namespace, limit: 1 })).items.length > 0) await sleep(500);
  }
}

async function main(): Promise<void> {
  const { rounds, sizes, profiles } = program
    .option("--rounds <n>", "runs of each", Number, 3)
    .option("--sizes <list>", "nodes:pods, separated by commas; nodes a multiple of ten", SIZES)
    .option(
      "--profiles <folder>",
      "leave a processor profile of each run there; it takes a little of the processor itself",
    )
    .parse()
    .opts<{ rounds: number; sizes: string; profiles?: string }>();
  const each = sizes.split(",").map((size) => size.split(":").map(Number) as [number, number]);
  if (!(rounds >= 1) || each.flat().some((n) => !(n >= 10)) || each.some(([nodes]) => nodes % regions.length)) {
    throw new Error(`--rounds ${rounds} --sizes ${sizes}: allowed whole rounds, and sizes as in ${SIZES}`);
  }
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const [lab, scheduler] = await resolveTools([tool("lab"), tool("edge-scheduler")], new ConsoleProgress());
  const figures: Figure[] = [];
  for (const size of each) {
    const flags = size[0] > MANY_NODES ? SELDOM : [];
    const use = async (cluster: LabCluster): Promise<void> => {
      const chart = new DefinitionsChart(new App(), "definitions");
      const definitions = chart.toJson() as Kubernetes.V1CustomResourceDefinition[];
      const extensions = cluster.config.makeApiClient(kubernetes.ApiextensionsV1Api);
      for (const body of definitions) await extensions.createCustomResourceDefinition({ body });
      for (const region of regions) {
        await cluster.join(`bench-${region}`, size[0] / regions.length, { region, zone: `${region}-a` });
      }
      while ((await cluster.ready()) < size[0]) await sleep(5000);
      process.stderr.write(`${size[0]} nodes are ready\n`);
      while (!(await allSampled(cluster, size[0]))) await sleep(1000);
      process.stderr.write("each has published its usage\n");
      for (let round = 0; round < rounds; round++) {
        for (const demand of ["no region", "a region"] as const) {
          for (const policy of round % 2 ? [...POLICIES].reverse() : POLICIES) {
            figures.push(await run(cluster, scheduler!.path, size, policy, demand, profiles));
          }
        }
        // After each round: the last is hours after the first.
        await report(size, figures, round + 1, flags);
      }
    };
    await withCluster(lab!.path, use, flags);
  }
}

void main();
