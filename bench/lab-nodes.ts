/**
 * How long it takes until so many nodes of one cluster are Ready in the lab, and what the control plane then uses.
 *
 *   npx tsx bench/lab-nodes.ts [nodes ...]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ConsoleProgress } from "../cli/progress";
import { tool } from "../cli/tools/catalogue";
import { resolveTools } from "../cli/tools/resolve";
import type * as Kubernetes from "@kubernetes/client-node";
import { spawn } from "node:child_process";

import { LabClient } from "../components/nodes/lab/client";
import { clientAuthority, createClusterAuthority, issueAdminCertificate } from "../fleet/k3s/authority";
import { kubeconfigFor } from "../fleet/k3s/kubeconfig";
import { secureToken } from "../fleet/k3s/token";
import { agentUserData, serverUserData } from "../fleet/k3s/userdata";
import { parseFleet } from "../fleet/parse";
import { local } from "../stacks/local";
import { record, table } from "./record";

const hardware = { instanceType: "raspberry-pi-5", cpuCores: 4, memoryMiB: 8192, ephemeralGiB: 256 };
const MIB = 2 ** 20;

async function measure(labBinary: string, count: number): Promise<(string | number)[]> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const state = mkdtempSync(join(tmpdir(), "skerry-bench-"));
  const daemon = spawn(labBinary, ["serve", "--state", state, "--tools", state], { stdio: "ignore" });
  const lab = new LabClient(join(state, "lab.sock"));
  try {
    while (!(await lab.status().catch(() => undefined))) await sleep(50);
    const stated = parseFleet(local).clusters[0]!;
    // Room for thousands of nodes: a /24 each.
    const cluster = { ...stated, name: "bench", clusterCidr: "10.32.0.0/12", serviceCidr: "10.64.0.0/16" };
    const authority = await createClusterAuthority("bench");
    const { address } = await lab.reserve("bench");
    const serverToken = secureToken(authority.rootCertificate, "server", "bench-server");
    const agentToken = secureToken(authority.rootCertificate, "node", "bench-agent");
    const started = Date.now();
    await lab.putGroup("bench-server", {
      count: 1,
      hostname: "bench-server",
      address: "bench",
      machine: hardware,
      userData: serverUserData(cluster, { files: authority.files, serverToken, agentToken, host: address }),
    });
    const serverReady = Date.now();
    const memoryEmpty = (await lab.status()).clusters[0]!.rssBytes;
    const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;
    const server = `https://${address}:6443`;
    await lab.putGroup("bench-agents", {
      count,
      hostname: "bench",
      machine: hardware,
      userData: agentUserData(pool, { server, token: agentToken }),
    });
    const joined = Date.now();
    const admin = await issueAdminCertificate(clientAuthority(authority.files), 1);
    const config = new kubernetes.KubeConfig();
    config.loadFromString(
      kubeconfigFor({ cluster: "bench", server, certificateAuthority: authority.rootCertificate, ...admin }),
    );
    const core = config.makeApiClient(kubernetes.CoreV1Api);
    for (;;) {
      const { items } = await core.listNode();
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
      ).length;
      if (ready === count + 1) break;
      await sleep(250);
    }
    const ready = Date.now();
    const { rssBytes } = (await lab.status()).clusters[0]!;
    const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
    return [
      count,
      seconds(started, serverReady),
      seconds(serverReady, joined),
      seconds(serverReady, ready),
      ((ready - serverReady) / count).toFixed(1),
      Math.round(memoryEmpty / MIB),
      Math.round(rssBytes / MIB),
    ];
  } finally {
    await lab.stop().catch(() => undefined);
    await new Promise((resolve) => (daemon.exitCode === null ? daemon.on("exit", resolve) : resolve(undefined)));
    rmSync(state, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const counts = process.argv.slice(2).map(Number);
  const [lab] = await resolveTools([tool("lab")], new ConsoleProgress());
  const rows = [];
  for (const count of counts.length > 0 ? counts : [100, 1_000, 3_000]) rows.push(await measure(lab!.path, count));
  const head = ["nodes", "server ready (s)", "all joined (s)", "all Ready (s)", "ms a node", "MiB empty", "MiB then"];
  await record(
    "Nodes in the lab",
    `npx tsx bench/lab-nodes.ts${counts.length ? ` ${counts.join(" ")}` : ""}`,
    `One cluster; joined and Ready are counted from when the server was; memory is the control plane's process, resident. One run each.\n\n${table(head, rows)}`,
  );
}

void main();
