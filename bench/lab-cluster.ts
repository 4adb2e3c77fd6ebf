import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type * as Kubernetes from "@kubernetes/client-node";

import { LabClient, type LabHardware, type LabServer } from "../components/nodes/lab/client";
import { clientAuthority, createClusterAuthority, issueAdminCertificate } from "../fleet/k3s/authority";
import { kubeconfigFor } from "../fleet/k3s/kubeconfig";
import { serverParameters } from "../fleet/k3s/parameters";
import { randomPassword, secureToken } from "../fleet/k3s/token";
import { agentUserData, type ClusterEndpoint, serverUserData } from "../fleet/k3s/userdata";
import { deviceCapacity } from "../fleet/devices";
import type { Capacity, ClusterSpec, NodePoolSpec } from "../fleet/model";
import { parseFleet } from "../fleet/reading/parse";
import { local } from "../stacks/local";

/** Time limit for a server to become ready, in ms. */
const START_TIMEOUT_MS = 180_000;

/** Device of the server and of the nodes that {@link LabCluster.join} adds. */
const DEVICE = "raspberry-pi-5";

const hardwareOf = (instanceType: string, { cpuCores, memoryMiB, diskGiB }: Capacity): LabHardware => ({
  ...{ instanceType, cpuCores, memoryMiB, ephemeralGiB: diskGiB },
});

/** The cluster of most benchmarks. They create pods that real clusters reject, and events faster than real clusters allow. */
function benchCluster(): ClusterSpec {
  const reason = "the cluster of a benchmark";
  const exceptions = (["pod-security", "event-rate-limit"] as const).map((setting) => ({ setting, reason }));
  return { ...parseFleet(local).clusters[0]!, name: "bench", serverDevice: DEVICE, hardening: { exceptions } };
}

const renderUserData: NonNullable<LabClusterOptions["render"]> = (cluster, endpoint) => ({
  server: serverUserData(cluster, endpoint),
  agent: (pool) => agentUserData(cluster, pool, endpoint),
});

/** A cluster in a separate lab. */
export interface LabCluster {
  readonly lab: LabClient;
  /** State folder of the lab. */
  readonly state: string;
  readonly kubeconfig: string;
  readonly config: Kubernetes.KubeConfig;
  /** Creates a server, `<cluster>-server-<number>`, and waits until it is ready. */
  addServer(number: number): Promise<LabServer>;
  /** Joins `count` machines as nodes of a pool of the local fleet, with the fields of `pool` replaced. */
  join(hostname: string, count: number, pool?: Partial<NodePoolSpec>): Promise<void>;
  /** Joins the machines of a pool, with the pool's own hardware. */
  joinPool(pool: NodePoolSpec): Promise<void>;
  /** Removes the machines of a pool and their nodes. */
  leave(pool: NodePoolSpec): Promise<void>;
  /** Counts the Ready nodes, including the server. */
  ready(): Promise<number>;
}

/** The user data of a cluster's machines. */
export interface MachineUserData {
  readonly server: string;
  readonly agent: (pool: NodePoolSpec) => string;
}

/** Options of {@link withCluster}. */
export interface LabClusterOptions {
  /** Additional flags of `lab serve`, such as `--sampling-interval=2m`. */
  readonly flags?: readonly string[];
  /** The cluster, whose address ranges are replaced. @default - a cluster of the local fleet */
  readonly spec?: ClusterSpec;
  /** Renders the user data of the machines. @default - as `LabMachines` */
  readonly render?: (cluster: ClusterSpec, endpoint: ClusterEndpoint) => MachineUserData | Promise<MachineUserData>;
  /** Called when a server was created, while it starts. */
  readonly onServer?: (server: LabServer, find: (name: string) => Promise<LabServer>) => Promise<void>;
}

/**
 * Starts a lab with one cluster of one server, passes it to `use`, and removes everything afterwards, also on SIGINT, SIGTERM
 * and SIGHUP.
 */
export async function withCluster<T>(
  labBinary: string,
  use: (cluster: LabCluster) => Promise<T>,
  {
    flags = [],
    spec = benchCluster(),
    render = renderUserData,
    onServer = () => Promise.resolve(),
  }: LabClusterOptions = {},
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
    // Room for 32,768 nodes with a /24 each: the controller manager retries nodes without a CIDR forever.
    const cluster = { ...spec, clusterCidr: "10.128.0.0/9", serviceCidr: "10.64.0.0/16" };
    const authority = await createClusterAuthority(spec.name);
    const { address } = await lab.reserve(spec.name);
    const prefix = `/skerry/${spec.name}`;
    const endpoint = { host: address, port: 6443, parameters: { prefix, region: "lab" } };
    const token = (user: "server" | "node") =>
      secureToken(authority.files["server-ca.crt"]!, { kind: "password", user, password: randomPassword() });
    const parameters = serverParameters(
      { server: token("server"), agent: token("node") },
      (path) => authority.files[path]!,
    );
    for (const [name, value] of Object.entries(parameters)) await lab.putParameter(`${prefix}/${name}`, value);
    const userData = await render(cluster, endpoint);
    const addServer = async (number: number): Promise<LabServer> => {
      const name = `${spec.name}-server-${number}`;
      const machine = hardwareOf(spec.serverDevice, deviceCapacity(spec.serverDevice));
      const request = {
        hostname: name,
        address: spec.name,
        machine,
        userData: userData.server,
        credentialsRevision: "",
      };
      const created = await lab.putServer(name, request);
      await onServer(created, lab.getServer);
      for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(50)) {
        const found = await lab.getServer(name);
        if (found.state === "ready") return found;
        if (Date.now() > deadline) throw new Error(`${name} is ${found.state}: ${found.message}`);
      }
    };
    await addServer(1);
    const server = `https://${address}:6443`;
    const admin = await issueAdminCertificate(clientAuthority(authority.files), 1);
    const kubeconfig = kubeconfigFor({
      cluster: spec.name,
      server,
      certificateAuthority: authority.rootCertificate,
      ...admin,
    });
    const config = new kubernetes.KubeConfig();
    config.loadFromString(kubeconfig);
    const usual = cluster.nodePools.find(({ taints }) => taints.length > 0);
    return await use({
      lab,
      state,
      kubeconfig,
      config,
      addServer,
      async join(hostname, count, pool = {}) {
        const machine = hardwareOf(DEVICE, deviceCapacity(DEVICE));
        const request = { count, hostname, machine, userData: userData.agent({ ...usual!, ...pool }) };
        await lab.putGroup(hostname, request);
      },
      async joinPool(pool) {
        const { name, count } = pool;
        const machine = hardwareOf(pool.device, pool.capacity);
        await lab.putGroup(name, { count, hostname: name, machine, userData: userData.agent(pool) });
      },
      leave: ({ name }) => lab.deleteGroup(name),
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
