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
import { Agent, request } from "undici";
import { parse, stringify } from "yaml";

import { DefinitionsChart } from "../../charts/definitions";
import { regionLinks } from "../../charts/region-links";
import { schedulerConfig } from "../../charts/scheduler-config";
import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { EDGE_SCHEDULER, labels } from "../../fleet/labels";
import { parseFleet } from "../../fleet/parse";
import { local } from "../../stacks/local";
import { type LabCluster, withCluster } from "../lab-cluster";
import { record, spread, table } from "../record";

/** Nodes, and pods that wait for the scheduler. */
const SIZES = "1000:5000,5000:10000";
const POLICIES = ["stock", "edge"] as const;
const PORT = 20_259;
const PROFILE = "/debug/pprof/profile";
const PROFILE_SECONDS = 8;
/** Above so many nodes, leases and samples leave pods little of the API server: nodes renew and publish less often then. */
const MANY_NODES = 2000;
const SELDOM = ["--node-lease=160s", "--sampling=2m"];
/** How long the pods of one run may take. */
const LIMIT_SECONDS = 1200;
/** After so long without a placed pod, the API is asked whether all are: it takes seconds to list them. */
const STILL_SECONDS = 5;
/** How many requests are under way at once. */
const AT_ONCE = 32;

type Policy = (typeof POLICIES)[number];
type Demand = "no region" | "a region";

interface Figure {
  readonly policy: Policy;
  readonly demand: Demand;
  readonly nodes: number;
  readonly pods: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const fleet = parseFleet(local);
const regions = [...new Set(fleet.clusters.flatMap(({ nodePools }) => nodePools.map(({ region }) => region)))].slice(
  0,
  10,
);

/** What else the program needs to do as upstream's does. */
const FLAGS: Readonly<Record<Policy, readonly string[]>> = { stock: ["--requests-at-once=0"], edge: [] };

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

interface Progress {
  readonly scheduled: number;
  /** Pods in its queues. */
  readonly pending: number;
  readonly cpuSeconds: number;
}

/** When it was so. */
type Moment = Progress & { readonly at: number };

/** What a scheduler says of itself; sums where there are several of a metric. */
async function metrics(dispatcher: Agent): Promise<Progress | undefined> {
  const answer = await request(`https://127.0.0.1:${PORT}/metrics`, { dispatcher }).catch(() => undefined);
  const text = await answer?.body.text();
  if (text === undefined || answer?.statusCode !== 200) return undefined;
  const sum = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    scheduled: sum(/^scheduler_schedule_attempts_total\{.*result="scheduled".*\} (\S+)$/gm),
    pending: sum(/^scheduler_pending_pods\{.*\} (\S+)$/gm),
    cpuSeconds: sum(/^process_cpu_seconds_total (\S+)$/gm),
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

/** Where a scheduler spends its processor time, for `go tool pprof`. */
async function profile(dispatcher: Agent, file: string): Promise<void> {
  const answer = await request(`https://127.0.0.1:${PORT}${PROFILE}?seconds=${PROFILE_SECONDS}`, { dispatcher });
  writeFileSync(file, Buffer.from(await answer.body.arrayBuffer()));
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
  // A binding that an overloaded API server answers too late counts as failed, though it took place.
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

/** Writes down one size, in a section of its own: the largest takes longest. */
async function report(
  [nodes, total]: readonly [number, number],
  figures: readonly Figure[],
  rounds: number,
): Promise<void> {
  const rows = (["no region", "a region"] as const).map((demand) => {
    const of = (policy: Policy, value: (figure: Figure) => number): number[] =>
      figures.filter((f) => f.nodes === nodes && f.demand === demand && f.policy === policy).map(value);
    const perSecond = (policy: Policy): number[] => of(policy, ({ pods, seconds }) => pods / seconds);
    const cost = (policy: Policy): number[] => of(policy, ({ pods, cpuSeconds }) => (1e3 * cpuSeconds) / pods);
    const ratio = (values: (policy: Policy) => number[]): string => {
      const stock = values("stock");
      const { median, min, max } = spread(values("edge").map((value, round) => value / stock[round]!));
      return rounds === 1 ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
    };
    return [
      demand,
      spread(perSecond("stock")).median.toFixed(0),
      spread(perSecond("edge")).median.toFixed(0),
      ratio(perSecond),
      spread(cost("stock")).median.toFixed(1),
      spread(cost("edge")).median.toFixed(1),
      ratio(cost),
    ];
  });
  await record(
    `Scheduling: end to end in the lab, ${nodes} nodes`,
    `npx tsx bench/scheduling/end-to-end.ts --rounds ${rounds} --sizes ${nodes}:${total}`,
    `${total} pods, from the first that is placed to the last; pods a second and the scheduler's processor time in ms a ` +
      `pod, ${rounds === 1 ? "one round" : `median of ${rounds} rounds`}; ratios of edge to stock of the same round` +
      `${rounds === 1 ? "" : " (least–most)"}. API server, etcd, the simulated nodes and the scheduler share the machine` +
      `${nodes > MANY_NODES ? `; the lab runs with ${SELDOM.join(" ")}` : ""}.\n\n` +
      table(["pods name", "stock", "edge", "edge ÷ stock", "stock ms", "edge ms", "edge ÷ stock"], rows),
  );
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
        await report(size, figures, round + 1);
      }
    };
    await withCluster(lab!.path, use, size[0] > MANY_NODES ? SELDOM : []);
  }
}

void main();
