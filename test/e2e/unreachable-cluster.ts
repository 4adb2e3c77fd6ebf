/**
 * Cuts off a cluster at a random moment of `skerry up`, and checks that the other cluster is updated completely, that nothing of
 * the lost cluster leaves the state, and that the next `up` catches up.
 *
 *   npx tsx test/e2e/unreachable-cluster.ts [rounds] [seed]
 *
 * Exit code: 0 if every round holds, else 1. Prints the seed; the same seed selects the same moments.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";

import { randomNumbers } from "../../bench/random-numbers";
import { findObstacle } from "../../components/clusters/reachability";
import type { Fleet } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import { Checkout, type Outcome } from "./checkout";
import { eventually } from "./eventually";
import { processesOf } from "./processes";
import { type SmallFleet, writeSmallFleet } from "./small-local-fleet";
import { findDifferences, readState, readStatus } from "./whole-fleet";

export const CLUSTERS = ["frankfurt", "tokyo"] as const;

/** How a cluster becomes unreachable: packets are dropped, or connections are refused. */
const CUTS = ["dropped", "refused"] as const;

/** How often a control plane is killed that the lab restarts, in ms. */
const KILL_PERIOD_MS = 100;

const controlPlanes = (checkout: Checkout, cluster: string): number[] =>
  processesOf(checkout.folder)
    .filter(({ program, arguments: given }) => program === "lab" && given[0] === "server")
    .filter(({ arguments: given }) => given.some((each) => each.endsWith(`/${cluster}-server-1`)))
    .map(({ pid }) => pid);

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // The process has exited in the meantime.
    }
  }
}

/** Makes a cluster unreachable, and returns how to make it reachable again. */
function cutOff(checkout: Checkout, cluster: string, how: (typeof CUTS)[number]): () => void {
  if (how === "dropped") {
    const pids = controlPlanes(checkout, cluster);
    signal(pids, "SIGSTOP");
    return () => signal(pids, "SIGCONT");
  }
  const kill = (): void => signal(controlPlanes(checkout, cluster), "SIGKILL");
  kill();
  const timer = setInterval(kill, KILL_PERIOD_MS);
  return () => clearInterval(timer);
}

/** Runs `up` and cuts off a cluster after some seconds, until `up` ends. */
async function upWithout(
  checkout: Checkout,
  cluster: string,
  how: (typeof CUTS)[number],
  seconds: number,
): Promise<Outcome & { readonly restore: () => void }> {
  let restore: (() => void) | undefined;
  const timer = sleep(seconds * 1000).then(() => (restore = cutOff(checkout, cluster, how)));
  const outcome = await checkout.run("bin/skerry", "up");
  await timer;
  return { ...outcome, restore: restore! };
}

function connect(checkout: Checkout, cluster: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(join(checkout.home, "kubeconfig", cluster));
  return config;
}

/** Returns what is missing in a cluster that was reachable, one line each. */
async function findMissing(checkout: Checkout, fleet: Fleet, name: string): Promise<string[]> {
  const config = connect(checkout, name);
  const nodes = (await config.makeApiClient(CoreV1Api).listNode()).items.map(({ metadata }) => metadata?.name);
  const { items } = await config.makeApiClient(AppsV1Api).listNamespacedDeployment({ namespace: "telemetry" });
  const deployments = items.map(({ metadata }) => metadata?.name);
  const spec = fleet.clusters.find((cluster) => cluster.name === name)!;
  return [
    ...spec.nodePools
      .flatMap(nodeNames)
      .filter((node) => !nodes.includes(node))
      .map((node) => `${name}: node ${node} missing`),
    ...Object.keys(fleet.workloads)
      .filter((workload) => !deployments.includes(workload))
      .map((workload) => `${name}: Deployment ${workload} missing`),
  ];
}

/** Whether the API of a cluster answers. */
async function answers(checkout: Checkout, cluster: string): Promise<boolean> {
  const kubeconfig = readFileSync(join(checkout.home, "kubeconfig", cluster), "utf8");
  return (await findObstacle(kubeconfig, 0)) === undefined;
}

/**
 * Deletes the pods that the control plane declared not ready while it heard nothing of their nodes. A kubelet would report them
 * ready again; the lab's simulated pods become ready only once. Returns whether all pods of the cluster are ready.
 */
async function replaceUnreadyPods(checkout: Checkout, cluster: string): Promise<boolean> {
  const { nodes, pods } = await readStatus(checkout);
  const unready = pods.filter((pod) => pod.cluster === cluster && !pod.ready);
  if (unready.length === 0) return true;
  const nodesReady = nodes.every((node) => node.cluster !== cluster || node.ready);
  const core = connect(checkout, cluster).makeApiClient(CoreV1Api);
  for (const { namespace, name, phase } of nodesReady ? unready : [])
    if (phase === "Running") await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
  await sleep(2000);
  return false;
}

/** Result of one round. */
export interface Round {
  readonly cluster: string;
  readonly cut: (typeof CUTS)[number];
  /** When the cluster was cut off, in seconds after the start of `up`. */
  readonly moment: number;
  /** Duration of `up` without the cluster, in seconds. */
  readonly seconds: number;
  readonly code: number;
  readonly problems: readonly string[];
}

/**
 * Runs rounds of an `up` that loses a cluster.
 *
 * @param before the fleet that is deployed
 * @param seconds range of the random moments, about the duration of an undisturbed `up`
 */
export async function* loseClusters(
  checkout: Checkout,
  before: SmallFleet,
  { rounds, seed, seconds }: { readonly rounds: number; readonly seed: number; readonly seconds: number },
): AsyncGenerator<Round> {
  const random = randomNumbers(seed);
  let small = before;
  for (let round = 0; round < rounds; round += 1) {
    const cut = CUTS[(seed + round) % CUTS.length]!;
    const cluster = CLUSTERS[Math.floor(random() * CLUSTERS.length)]!;
    const moment = random() * seconds;
    small = { ...small, nodes: small.nodes + 1, workloads: [...small.workloads, `round-${round}`] };
    const fleet = writeSmallFleet(checkout, small);
    const recorded = readState(checkout).resources.map(({ urn }) => urn);

    const started = Date.now();
    const { code, stdout, stderr, restore } = await upWithout(checkout, cluster, cut, moment);
    const took = (Date.now() - started) / 1000;
    const now = new Set(readState(checkout).resources.map(({ urn }) => urn));
    const others = CLUSTERS.filter((each) => each !== cluster);
    const named = new RegExp(`not updated\\S* ${cluster} is unreachable`).test(stdout);
    const problems = [
      // `up` does not notice a cluster that is lost after its last change.
      ...(code === 4 || code === 0 ? [] : [`up ended with ${code}: ${stdout}\n${stderr}`]),
      ...(named === (code === 4) ? [] : [`exit code ${code}, but the summary is: ${stdout}`]),
      ...recorded.filter((urn) => !now.has(urn)).map((urn) => `no longer in the state: ${urn}`),
      ...(await Promise.all(others.map((other) => findMissing(checkout, fleet, other)))).flat(),
    ];
    restore();
    // The lab waits before it restarts a control plane that ended several times.
    await eventually(`${cluster} answers`, 90, () => answers(checkout, cluster));
    const again = await checkout.run("bin/skerry", "up");
    if (again.code === 0) {
      await eventually("pods are ready", 90, () => replaceUnreadyPods(checkout, cluster));
      problems.push(...(await findDifferences(checkout, fleet)));
    } else problems.push(`the next up ended with ${again.code}: ${again.stdout}\n${again.stderr}`);
    yield { cluster, cut, moment, seconds: took, code, problems };
  }
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 10);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const checkout = new Checkout();
  let failures = 0;
  try {
    const small = { clusters: CLUSTERS, nodes: 2, workloads: ["dashboard"] };
    writeSmallFleet(checkout, small);
    const first = await checkout.run("bin/skerry", "up");
    if (first.code !== 0) throw new Error(`up ended with ${first.code}: ${first.stdout}\n${first.stderr}`);
    for await (const round of loseClusters(checkout, small, { rounds, seed, seconds: 12 })) {
      const { cluster, cut, moment, seconds, code, problems } = round;
      failures += problems.length > 0 ? 1 : 0;
      console.log(
        `${cluster} ${cut} after ${moment.toFixed(1)} s: up took ${seconds.toFixed(0)} s and ended with ${code}, ` +
          (problems.length > 0 ? "NOT whole" : "whole"),
      );
      for (const problem of problems) console.log(`    ${problem}`);
    }
  } finally {
    await checkout.run("bin/skerry", "down", "--force");
    checkout.remove();
  }
  console.log(failures === 0 ? `all ${rounds} rounds held` : `${failures} of ${rounds} rounds failed`);
  process.exitCode = failures === 0 ? 0 : 1;
}

if (require.main === module) void main();
