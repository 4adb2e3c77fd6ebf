import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

import { python } from "./requirements";

export const REGION = "eu-central-1";
export const BUCKET = "skerry-k3s";
/** Address of the cloud's services in the network of the machines, and of the cluster's API. */
export const CLOUD_ADDRESS = "10.77.0.1";
const METADATA_ADDRESS = "169.254.169.254";

/** What the cluster of the tests recorded. */
export interface CloudState {
  /** Ids of machines that created a cluster, in order. */
  readonly creations: readonly string[];
  /** Ids of machines that started with restored data. */
  readonly restores: readonly string[];
  /** Ids of machines that joined. */
  readonly joins: readonly string[];
  /** Each start of K3s that reached the cluster. */
  readonly starts: readonly {
    readonly machine: string;
    readonly node: string;
    readonly action: "create" | "join" | "return";
    /** What the datastore of a server that returns holds. */
    readonly data: string;
    readonly kubelet: readonly string[];
  }[];
  /** Id of the machine of each node. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Requests to AWS. */
  readonly requests: readonly { readonly from: string; readonly target: string; readonly path: string }[];
}

/** An instance, as its machine sees it. */
export interface Instance {
  readonly id: string;
  readonly secrets: readonly string[];
}

const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });

/** The cloud of the tests, in a network namespace with a bridge to which machines are connected. */
export class Cloud {
  /** Names of the services that machines must resolve to {@link CLOUD_ADDRESS}. */
  hosts: readonly string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "skerry-cloud-"));
  private process?: ChildProcess;
  private lines?: Interface;
  private launched = 0;
  private last: Promise<unknown> = Promise.resolve();

  /** @param name prefix of the names of network namespaces, at most 8 characters */
  constructor(readonly name = `sk${process.pid % 100000}`) {}

  async start(): Promise<void> {
    ip("netns", "add", this.name);
    ip("-n", this.name, "link", "set", "lo", "up");
    ip("-n", this.name, "addr", "add", `${METADATA_ADDRESS}/32`, "dev", "lo");
    ip("-n", this.name, "link", "add", "bridge", "type", "bridge");
    ip("-n", this.name, "addr", "add", `${CLOUD_ADDRESS}/24`, "dev", "bridge");
    ip("-n", this.name, "link", "set", "bridge", "up");
    const program = [join(__dirname, "cloud.py"), this.folder, CLOUD_ADDRESS, REGION, BUCKET];
    // moto looks for the credentials of the real AWS; there are none here.
    const env = { PATH: process.env.PATH, HOME: this.folder, PYTHONDONTWRITEBYTECODE: "1" };
    this.process = spawn("ip", ["netns", "exec", this.name, python, ...program], {
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.lines = createInterface(this.process.stdout!);
    this.hosts = ((await this.nextLine()) as { hosts: string[] }).hosts;
  }

  private nextLine(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error("the cloud of the tests has ended"));
      this.process!.once("exit", ended);
      this.lines!.once("line", (line) => {
        this.process!.off("exit", ended);
        resolve(JSON.parse(line));
      });
    });
  }

  /** Sends a command once the previous one is answered. */
  private do(name: string, args: object = {}): Promise<unknown> {
    const send = async (): Promise<unknown> => {
      const answer = this.nextLine();
      this.process!.stdin!.write(`${JSON.stringify({ do: name, ...args })}\n`);
      const { ok, error } = (await answer) as { ok?: unknown; error?: string };
      if (error !== undefined) throw new Error(`${name}: ${error}`);
      return ok;
    };
    const result = this.last.then(send);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Forgets all parameters, instances and records. */
  reset = (): Promise<unknown> => this.do("reset");
  state = async (): Promise<CloudState> => (await this.do("state")) as CloudState;
  putParameters = (parameters: Readonly<Record<string, string>>): Promise<unknown> =>
    this.do("put_parameters", { parameters });
  getParameter = async (name: string): Promise<string | null> =>
    (await this.do("get_parameter", { name })) as string | null;
  putObject = (key: string, content: string): Promise<unknown> => this.do("put_object", { key, content });
  /** Serves a file below https://releases.example.com, first `truncated` times incompletely. */
  putRelease = (path: string, content: string, truncated = 0): Promise<unknown> =>
    this.do("put_release", { path, content, truncated });
  /** Forgets the cluster, none of whose servers answers any more. */
  loseCluster = (): Promise<unknown> => this.do("lose_cluster");
  deleteNode = (name: string): Promise<unknown> => this.do("delete_node", { name });
  setPolicy = (role: "server" | "agent", actions: readonly string[]): Promise<unknown> =>
    this.do("set_policy", { role, actions });

  /** Starts an instance, and returns its id and its secrets. */
  async launch(address: string, role: "server" | "agent", tags: Readonly<Record<string, string>>): Promise<Instance> {
    this.launched += 1;
    const answer = await this.do("launch", { address, role, tags, number: this.launched });
    return answer as Instance;
  }

  /** Certificate of the authority of the services, PEM. */
  get authority(): string {
    return readFileSync(join(this.folder, "authority.crt"), "utf8");
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process?.once("exit", resolve) ?? resolve(undefined));
    this.process?.stdin?.end();
    await ended;
    ip("netns", "del", this.name);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
