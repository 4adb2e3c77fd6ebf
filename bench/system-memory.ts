/**
 * Peak memory of the edge scheduler and the node controller, and the CPU time of one pool change, by number of nodes. All
 * nodes of the lab cluster are in one pool and run the same number of pods.
 *
 *   npx tsx bench/system-memory.ts [--pods n] [nodes ...]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type * as Kubernetes from "@kubernetes/client-node";
import { App } from "cdk8s";
import { program } from "commander";

import { DefinitionsChart } from "../charts/system/definitions";
import { regionLinks } from "../charts/system/region-links";
import { schedulerConfig } from "../charts/system/scheduler-config";
import { ConsoleProgress } from "../cli/progress";
import { tool } from "../cli/tools/catalogue";
import { resolveTools } from "../cli/tools/resolve";
import { EDGE_SCHEDULER } from "../fleet/labels";
import { nodePoolObject } from "../fleet/kubernetes/node-pool";
import { parseFleet } from "../fleet/reading/parse";
import { local } from "../stacks/local";
import { type LabCluster, withCluster } from "./lab-cluster";
import { record, table } from "./record";

const ADDRESS = { group: "skerry.dev", version: "v1alpha1", plural: "fleetnodepools" };
/** Clock ticks per second, the unit of CPU time in /proc. */
const TICKS = 100;

const fleet = parseFleet(local);
const pool = fleet.clusters[0]!.nodePools.find(({ taints }) => taints.length > 0)!;

/** A watched program and its peak memory in MiB. */
class Watched {
  private most = { resident: 0, unreclaimable: 0 };
  private readonly timer = setInterval(() => this.look(), 100);

  constructor(private readonly child: ChildProcess) {}

  private look(): void {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
    this.most = {
      resident: Math.max(this.most.resident, mib("VmRSS")),
      unreclaimable: Math.max(this.most.unreclaimable, mib("RssAnon") + mib("RssShmem")),
    };
  }

  /** CPU time so far in seconds. */
  cpu(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  peak(): string {
    return `${Math.round(this.most.resident)} (${Math.round(this.most.unreclaimable)})`;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    const ended = new Promise((resolve) => this.child.on("exit", resolve));
    this.child.kill();
    await ended;
  }
}

function run(cluster: LabCluster, binary: string, args: readonly string[]): Watched {
  const kubeconfig = join(cluster.state, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return new Watched(spawn(binary, [...args], { cwd: cluster.state, stdio: "ignore", env }));
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const started = Date.now();
  while (!(await look())) {
    if (Date.now() - started > 600_000) throw new Error(`${what}: not within 10 minutes`);
    await sleep(500);
  }
}

async function measure(
  [lab, scheduler, controller]: readonly string[],
  count: number,
  podsANode: number,
): Promise<readonly (string | number)[]> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  return withCluster(lab!, async (cluster) => {
    const apps = cluster.config.makeApiClient(kubernetes.AppsV1Api);
    const objects = cluster.config.makeApiClient(kubernetes.CustomObjectsApi);
    // Plain objects: the client's type for definitions renames fields that start with x-.
    for (const body of new DefinitionsChart(new App(), "definitions").toJson() as object[]) {
      const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
      await objects.createClusterCustomObject({ ...definitions, body });
    }
    await cluster.join("bench", count, pool);
    await until("nodes are ready", async () => (await cluster.ready()) > count);
    writeFileSync(join(cluster.state, "links.json"), regionLinks(fleet));
    writeFileSync(
      join(cluster.state, "config.yaml"),
      schedulerConfig({ edgeProximity: { linksFile: "links.json" } }).replace(
        "leaderElect: true",
        "leaderElect: false",
      ),
    );
    const scheduling = run(cluster, scheduler!, ["--config=config.yaml", "--secure-port=0"]);
    const controlling = run(cluster, controller!, ["--metrics-bind-address=0", "--health-probe-bind-address=0"]);
    try {
      await objects.createClusterCustomObject({ ...ADDRESS, body: { ...nodePoolObject({ ...pool, count }) } });
      const synced = async (): Promise<boolean> => {
        const { metadata, status } = (await objects.getClusterCustomObject({ ...ADDRESS, name: pool.name })) as {
          metadata: { generation: number };
          status?: { nodes: number; conditions?: { type: string; status: string; observedGeneration: number }[] };
        };
        const found = status?.conditions?.find(({ type }) => type === "Synced");
        return status?.nodes === count && found?.status === "True" && found.observedGeneration === metadata.generation;
      };
      await until("the pool is synced", synced);
      await apps.createNamespacedDeployment({
        namespace: "default",
        body: {
          metadata: { name: "bench" },
          spec: {
            replicas: podsANode * count,
            selector: { matchLabels: { app: "bench" } },
            template: {
              metadata: { labels: { app: "bench" } },
              spec: {
                schedulerName: EDGE_SCHEDULER,
                automountServiceAccountToken: false,
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "main", image: "pause:3.10", resources: { requests: { cpu: "10m" } } }],
              },
            },
          },
        },
      });
      await until("pods run", async () => {
        const { status } = await apps.readNamespacedDeployment({ namespace: "default", name: "bench" });
        return (status?.readyReplicas ?? 0) >= podsANode * count;
      });
      await sleep(10_000);
      const before = controlling.cpu();
      const started = Date.now();
      const body = [{ op: "add", path: "/spec/labels/example.com~1rack", value: "7" }];
      await objects.patchClusterCustomObject({ ...ADDRESS, name: pool.name, body });
      await until("the change is synced", synced);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      return [count, scheduling.peak(), controlling.peak(), (controlling.cpu() - before).toFixed(1), seconds];
    } finally {
      await Promise.all([scheduling.end(), controlling.end()]);
    }
  });
}

async function main(): Promise<void> {
  const { pods } = program
    .argument("[nodes...]", "numbers of nodes")
    .option("--pods <n>", "pods a node", Number, 2)
    .parse()
    .opts<{ pods: number }>();
  const counts = program.args.length > 0 ? program.args.map(Number) : [100, 1_000, 2_000];
  const tools = await resolveTools(["lab", "edge-scheduler", "node-controller"].map(tool), new ConsoleProgress());
  const rows = [];
  for (const count of counts) {
    const row = await measure(
      tools.map(({ path }) => path),
      count,
      pods,
    );
    process.stderr.write(`${row.join(" ")}\n`);
    rows.push(row);
  }
  const head = [
    "nodes",
    "edge scheduler, MiB",
    "node controller, MiB",
    "a pool's change: controller's CPU (s)",
    "until Synced (s)",
  ];
  await record(
    "Memory of the system's programs by nodes",
    `npx tsx bench/system-memory.ts --pods ${pods} ${counts.join(" ")}`,
    `One pool with ${pods} pods a node. Memory is the most that was resident, and in brackets the most of it that the kernel cannot reclaim, which is what a container's limit bounds; without GOMEMLIMIT. The change adds one label to every node. One run each.\n\n${table(head, rows)}`,
  );
}

void main();
