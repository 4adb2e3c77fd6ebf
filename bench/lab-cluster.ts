import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type * as Kubernetes from "@kubernetes/client-node";

import { LabClient } from "../components/nodes/lab/client";
import { clientAuthority, createClusterAuthority, issueAdminCertificate } from "../fleet/k3s/authority";
import { kubeconfigFor } from "../fleet/k3s/kubeconfig";
import { secureToken } from "../fleet/k3s/token";
import { agentUserData, serverUserData } from "../fleet/k3s/userdata";
import type { NodePoolSpec } from "../fleet/model";
import { parseFleet } from "../fleet/reading/parse";
import { local } from "../stacks/local";

const hardware = { instanceType: "raspberry-pi-5", cpuCores: 4, memoryMiB: 8192, ephemeralGiB: 256 };

/** A cluster with one server in a separate lab. */
export interface LabCluster {
  readonly lab: LabClient;
  /** State folder of the lab. */
  readonly state: string;
  readonly kubeconfig: string;
  readonly config: Kubernetes.KubeConfig;
  /** Joins `count` machines as nodes of a pool of the local fleet, with the fields of `pool` replaced. */
  join(hostname: string, count: number, pool?: Partial<NodePoolSpec>): Promise<void>;
  /** Counts the Ready nodes, including the server. */
  ready(): Promise<number>;
}

/**
 * Starts a lab with one cluster, passes it to `use`, and removes everything afterwards, also on SIGINT, SIGTERM and SIGHUP.
 *
 * @param flags additional flags of `lab serve`, such as `--sampling-interval=2m`
 */
export async function withCluster<T>(
  labBinary: string,
  use: (cluster: LabCluster) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const state = mkdtempSync(join(tmpdir(), "skerry-bench-"));
  const daemon = spawn(labBinary, ["serve", "--state-dir", state, "--tools-dir", state, ...flags], { stdio: "ignore" });
  const ended = new Promise((resolve) => daemon.on("exit", resolve));
  const lab = new LabClient(join(state, "lab.sock"));
  const remove = async (): Promise<void> => {
    daemon.kill();
    await ended;
    rmSync(state, { recursive: true, force: true });
  };
  const interrupted = (): void => void remove().finally(() => process.exit(130));
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupted);
  try {
    while (!(await lab.status().catch(() => undefined))) await sleep(50);
    const spec = parseFleet(local).clusters[0]!;
    // Room for 32,768 nodes with a /24 each: the controller manager retries nodes without a CIDR forever.
    const cluster = { ...spec, name: "bench", clusterCidr: "10.128.0.0/9", serviceCidr: "10.64.0.0/16" };
    const authority = await createClusterAuthority("bench");
    const { address } = await lab.reserve("bench");
    const serverToken = secureToken(authority.rootCertificate, "server", "bench-server");
    const agentToken = secureToken(authority.rootCertificate, "node", "bench-agent");
    await lab.putGroup("bench-server", {
      count: 1,
      hostname: "bench-server",
      address: "bench",
      machine: hardware,
      userData: serverUserData(cluster, { files: authority.files, serverToken, agentToken, host: address }),
    });
    const server = `https://${address}:6443`;
    const admin = await issueAdminCertificate(clientAuthority(authority.files), 1);
    const kubeconfig = kubeconfigFor({
      cluster: "bench",
      server,
      certificateAuthority: authority.rootCertificate,
      ...admin,
    });
    const config = new kubernetes.KubeConfig();
    config.loadFromString(kubeconfig);
    const usual = cluster.nodePools.find(({ taints }) => taints.length > 0)!;
    return await use({
      lab,
      state,
      kubeconfig,
      config,
      async join(hostname, count, pool = {}) {
        const userData = agentUserData({ ...usual, ...pool }, { server, token: agentToken });
        await lab.putGroup(hostname, { count, hostname, machine: hardware, userData });
      },
      async ready() {
        const { items } = await config.makeApiClient(kubernetes.CoreV1Api).listNode();
        return items.filter(({ status }) =>
          status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
        ).length;
      },
    });
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    await remove();
  }
}
