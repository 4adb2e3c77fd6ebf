/**
 * Starts a server and an agent of the real K3s from the files that rendered user data writes, each with its own network and
 * mounts. This suite has never been run: no K3s was available where it was written.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

import { parse, stringify } from "yaml";

import { createClusterAuthority } from "../../fleet/k3s/authority";
import type { MachineRole } from "../../fleet/k3s/boot/unit";
import { KERNEL_PARAMETERS } from "../../fleet/k3s/hardening/settings";
import { MACHINE_FILE, parseMachineDocument } from "../../fleet/k3s/machine";
import { AGENT_TOKEN, serverParameters } from "../../fleet/k3s/parameters";
import { randomPassword, secureToken } from "../../fleet/k3s/token";
import { agentUserData, serverUserData } from "../../fleet/k3s/userdata";
import { nodeLabels } from "../../fleet/nodes";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { missingK3s } from "./requirements";

const cluster = parseFleet(local).clusters[0]!;
const pool = cluster.nodePools.find(({ taints }) => taints.length > 0)!;
const NETWORK = "10.78.0";
const SERVER = `${NETWORK}.1`;
const endpoint = { host: SERVER, port: 6443, parameters: { prefix: "/skerry/test", region: "eu-central-1" } };

interface WrittenFile {
  readonly path: string;
  readonly content: string;
  readonly encoding?: string;
  readonly permissions: string;
}

interface KubeNode {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });

/** A machine with the folders of K3s, and a network namespace, of its own. */
class K3sMachine {
  private readonly folder = mkdtempSync(join(tmpdir(), "skerry-k3s-"));
  private process?: ChildProcess;

  constructor(
    private readonly role: MachineRole,
    readonly namespace: string,
    private readonly address: string,
    userData: string,
    parameters: Readonly<Record<string, string>>,
  ) {
    const { write_files: files } = parse(userData) as { write_files: WrittenFile[] };
    for (const { path, content, encoding, permissions } of files) {
      const bytes = encoding === "gz+b64" ? gunzipSync(Buffer.from(content, "base64")) : content;
      this.write(path, bytes, Number.parseInt(permissions, 8));
    }
    // As the boot program does.
    for (const { path, parameter } of parseMachineDocument(this.read(MACHINE_FILE)).files) {
      this.write(path, parameters[parameter]!);
    }
    mkdirSync(join(this.folder, "var/lib/rancher/k3s/server/logs"), { recursive: true, mode: 0o700 });
  }

  private write(path: string, content: string | Buffer, mode = 0o600): void {
    const target = join(this.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content, { mode });
  }

  /** Adds a drop-in, as the boot program does. */
  configure(config: Readonly<Record<string, unknown>>): void {
    this.write("/etc/rancher/k3s/config.yaml.d/10-birth.yaml", stringify(config));
  }

  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  start(): void {
    ip("netns", "add", this.namespace);
    ip(
      "link",
      "add",
      this.namespace,
      "master",
      "sk-k3s",
      "up",
      "type",
      "veth",
      "peer",
      "eth0",
      "netns",
      this.namespace,
    );
    ip("-n", this.namespace, "link", "set", "lo", "up");
    ip("-n", this.namespace, "addr", "add", `${this.address}/24`, "dev", "eth0");
    ip("-n", this.namespace, "link", "set", "eth0", "up");
    ip("-n", this.namespace, "route", "add", "default", "dev", "eth0");
    const folders = ["etc/rancher", "var/lib/rancher", "var/lib/kubelet", "run/k3s"];
    const mounts = folders.map((name) => {
      mkdirSync(join(this.folder, name), { recursive: true });
      return `mkdir -p /${name} && mount --bind ${this.folder}/${name} /${name}`;
    });
    const script = `mount --make-rprivate / && ${mounts.join(" && ")} && exec k3s ${this.role} >${this.folder}/log 2>&1`;
    const enter = ["netns", "exec", this.namespace, "unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child"];
    this.process = spawn("ip", [...enter, "sh", "-c", `hostname ${this.namespace} && ${script}`], { stdio: "ignore" });
  }

  kubectl(...args: string[]): string {
    return execFileSync(
      "ip",
      [
        "netns",
        "exec",
        this.namespace,
        "k3s",
        "kubectl",
        "--kubeconfig",
        join(this.folder, "etc/rancher/k3s/k3s.yaml"),
        ...args,
      ],
      { encoding: "utf8" },
    );
  }

  read = (path: string): string => readFileSync(join(this.folder, path), "utf8");

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process?.once("exit", resolve) ?? resolve(undefined));
    this.process?.kill("SIGKILL");
    await ended;
    ip("netns", "del", this.namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Retries until a function neither throws nor returns false. */
async function eventually(check: () => boolean, seconds = 180): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      if (check()) return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (Date.now() > end) throw new Error("the condition never became true");
    await sleep(1000);
  }
}

jest.setTimeout(600_000);

// Needs K3s on PATH. Where it is missing, the run reports that.
(missingK3s() === undefined ? describe : describe.skip)("a K3s cluster from rendered user data", () => {
  let server: K3sMachine;
  let agent: K3sMachine;
  const nodes = () => (JSON.parse(server.kubectl("get", "nodes", "--output=json")) as { items: KubeNode[] }).items;
  const isReady = (name: string): boolean =>
    nodes().some(
      ({ metadata, status }) =>
        metadata.name === name &&
        status.conditions.some(({ type, status: value }) => type === "Ready" && value === "True"),
    );

  beforeAll(async () => {
    for (const [name, value] of Object.entries(KERNEL_PARAMETERS)) {
      execFileSync("sysctl", ["--quiet", "--write", `${name}=${value}`]);
    }
    ip("link", "add", "sk-k3s", "up", "type", "bridge");
    const authority = await createClusterAuthority(cluster.name);
    const token = (user: "server" | "node") =>
      secureToken(authority.files["server-ca.crt"]!, { kind: "password", user, password: randomPassword() });
    const parameters = serverParameters(
      { server: token("server"), agent: token("node") },
      (path) => authority.files[path]!,
    );
    server = new K3sMachine("server", "sk-k3s-server", SERVER, serverUserData(cluster, endpoint), parameters);
    server.configure({ "cluster-init": true });
    server.start();
    const data = agentUserData(cluster, pool, endpoint);
    agent = new K3sMachine("agent", "sk-k3s-agent", `${NETWORK}.2`, data, parameters);
    agent.start();
    await eventually(() => isReady("sk-k3s-server") && isReady("sk-k3s-agent"));
  });

  afterAll(async () => {
    await agent?.stop();
    await server?.stop();
    ip("link", "del", "sk-k3s");
  });

  test("registers the agent with the labels and taints of its pool", () => {
    const { metadata, spec } = nodes().find((node) => node.metadata.name === "sk-k3s-agent")!;
    const protectedPrefix = /node-restriction\.kubernetes\.io\//;
    const expected = Object.entries(nodeLabels(pool)).filter(([key]) => !protectedPrefix.test(key));
    expect(metadata.labels).toMatchObject(Object.fromEntries(expected));
    for (const taint of pool.taints) expect(spec.taints).toContainEqual(expect.objectContaining({ key: taint.key }));
  });

  test("encrypts Secrets, and logs who created them", async () => {
    server.kubectl("create", "secret", "generic", "example", "--from-literal=key=value");
    expect(server.kubectl("get", "--raw", "/readyz?verbose")).toContain("[+]etcd ok");
    await eventually(() =>
      /"resource":"secrets".*"name":"example"/.test(server.read("var/lib/rancher/k3s/server/logs/audit.log")),
    );
    expect(server.read("var/lib/rancher/k3s/server/cred/encryption-config.json")).toContain("aescbc");
  });

  test("rejects privileged pods outside kube-system", () => {
    const pod = ["run", "privileged", "--image=registry.k8s.io/pause:3.10", "--privileged", "--dry-run=server"];
    expect(() => server.kubectl(...pod)).toThrow(/violates PodSecurity "baseline/);
    expect(server.kubectl(...pod, "--namespace=kube-system")).toContain("privileged");
  });

  test("refuses an agent without a token", async () => {
    const stranger = new K3sMachine(
      "agent",
      "sk-k3s-stranger",
      `${NETWORK}.3`,
      agentUserData(cluster, pool, endpoint),
      { [AGENT_TOKEN]: "wrong" },
    );
    stranger.start();
    await eventually(() => /401 Unauthorized|not authorized/.test(stranger.log));
    expect(nodes().map(({ metadata }) => metadata.name)).not.toContain("sk-k3s-stranger");
    await stranger.stop();
  });
});
