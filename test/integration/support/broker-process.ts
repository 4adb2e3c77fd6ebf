import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../../fleet/kubernetes/object";

/** Files of a ConfigMap or Secret, by name. */
export type Files = Readonly<Record<string, string>>;

export interface BrokerPod {
  /** The broker's StatefulSet, as rendered. */
  readonly statefulSet: KubeObject;
  /** What its ConfigMap holds. */
  readonly config: Files;
  /** Secrets of its namespace, by name. */
  readonly secrets: ReadonlyMap<string, Files>;
}

/** The parts of a pod that are brought to life here. */
interface PodSpec {
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly workingDir: string;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}

/**
 * A broker's pod as a plain process: its volumes become folders below one that stands for the container's working
 * directory, its command runs there, as the pod's user when the test is root.
 */
export class BrokerProcess {
  private child: ChildProcess | undefined;
  private output = "";
  private readonly spec: PodSpec;

  constructor(
    private readonly binary: string,
    private readonly folder: string,
    private readonly address: string,
    private readonly port: number,
    pod: BrokerPod,
  ) {
    this.spec = (pod.statefulSet as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
    this.mount(pod);
  }

  /** What it wrote so far. */
  get log(): string {
    return this.output;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it, and waits until it accepts connections. */
  async start(): Promise<void> {
    const [program, ...args] = this.spec.containers[0]!.command;
    if (program !== "mosquitto") throw new Error(`the container runs ${program}, this test only mosquitto`);
    const child = spawn(this.binary, args, { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"], ...this.user() });
    child.stdout.on("data", (text: Buffer) => (this.output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (this.output += text.toString()));
    this.child = child;
    await until(
      () => accepts(this.address, this.port),
      () => this.running,
      () => `broker did not start:\n${this.output}`,
    );
  }

  /** Ends it, and waits until it has gone. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.child;
    if (child === undefined || !this.running) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  private mount({ config, secrets }: BrokerPod): void {
    const { workingDir, volumeMounts } = this.spec.containers[0]!;
    mkdirSync(this.folder, { recursive: true });
    for (const { name, mountPath } of volumeMounts) {
      const folder = join(this.folder, relative(workingDir, mountPath));
      const volume = this.spec.volumes.find((candidate) => candidate.name === name);
      const secretName = volume?.secret?.secretName;
      const files = volume === undefined ? {} : secretName === undefined ? config : secrets.get(secretName);
      if (files === undefined)
        throw new Error(`the pod mounts the Secret ${secretName}, which is not among the listed`);
      mkdirSync(folder);
      Object.entries(files).forEach(([file, text]) => writeFileSync(join(folder, file), text, { mode: 0o440 }));
    }
    if (this.user().uid !== undefined) giveTo(this.folder, this.user() as { uid: number; gid: number });
  }

  private user(): { uid?: number; gid?: number } {
    const { runAsUser, runAsGroup } = this.spec.securityContext;
    return process.getuid?.() === 0 ? { uid: runAsUser, gid: runAsGroup } : {};
  }
}

function giveTo(path: string, owner: { uid: number; gid: number }): void {
  chownSync(path, owner.uid, owner.gid);
  if (!statSync(path).isDirectory()) return;
  chmodSync(path, 0o750);
  readdirSync(path).forEach((entry) => giveTo(join(path, entry), owner));
}

/** Returns a free port of this address. */
export async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => socket.destroy() && resolve(true)).once("error", () => resolve(false));
  });
}

/** Waits up to 20 s for `done`, no longer than `possible` holds. */
async function until(done: () => Promise<boolean>, possible: () => boolean, told: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await done())) {
    if (!possible() || Date.now() > deadline) throw new Error(told());
    await sleep(50);
  }
}
