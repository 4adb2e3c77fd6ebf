import { Agent, request } from "undici";

import { labSocket } from "./state-folder";

/** Timeout of one request, in ms. A large group of machines needs several minutes to join. */
const CALL_TIMEOUT_MS = 600_000;

export interface LabMachine {
  readonly name: string;
  readonly hostname: string;
  readonly address: string;
  readonly state: "booting" | "joining" | "ready" | "refused" | "unreachable";
  readonly message?: string;
  /** Version of K3s that runs. */
  readonly k3s?: string;
}

/** A group of agents. */
export interface LabGroup {
  readonly name: string;
  readonly machines: readonly LabMachine[];
}

/** A server, which is one machine. */
export interface LabServer {
  readonly name: string;
  /** Differs between a machine and the one that replaces it under the same name. */
  readonly id: string;
  readonly hostname: string;
  /** Name of the reserved address in front of the servers of its cluster. */
  readonly cluster: string;
  /** Address of the machine itself. */
  readonly address: string;
  /** `removed`: no longer a member of etcd; `stopped`: switched off. */
  readonly state: "booting" | "joining" | "ready" | "unreachable" | "removed" | "stopped";
  /** What the server waits for, or why it does not run. */
  readonly message?: string;
  /** Installed version of K3s. Absent before the first boot. */
  readonly k3s?: string;
  /** 0 while no process runs. */
  readonly pid: number;
  readonly rssBytes: number;
}

export interface LabAddress {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface LabProcess {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
  readonly logFile: string;
}

export interface LabStatus {
  readonly version: 1;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly addresses: readonly LabAddress[];
  readonly groups: readonly LabGroup[];
  /** `rssBytes` is the memory of all servers of the cluster. */
  readonly clusters: readonly { name: string; endpoint: string; rssBytes: number; ready: boolean }[];
  readonly servers: readonly LabServer[];
  readonly processes: readonly LabProcess[];
  /** Programs whose pods the lab simulates, although it could run them on another machine. */
  readonly simulation?: { readonly programs: readonly string[]; readonly reason: string };
}

/** Hardware of a machine. */
export interface LabHardware {
  readonly instanceType: string;
  readonly cpuCores: number;
  readonly memoryMiB: number;
  readonly ephemeralGiB: number;
}

/** Request to create or update a group of equal agents. */
export interface LabGroupRequest {
  readonly count: number;
  /** Prefix of the hostnames `<hostname>-01`, `<hostname>-02` and so on. */
  readonly hostname: string;
  /** cloud-init user data, without secrets. */
  readonly userData: string;
  readonly machine: LabHardware;
}

/** Request to create a server. */
export interface LabServerRequest {
  readonly hostname: string;
  /** Name of the reserved address in front of the servers of its cluster. */
  readonly address: string;
  /** cloud-init user data, without secrets. It applies when the machine is created. */
  readonly userData: string;
  /** A change restarts K3s, which then reads its parameters again. */
  readonly credentialsRevision: string;
  readonly machine: LabHardware;
}

/** An object in the object storage of the lab. */
export interface LabObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly lastModified: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An error response of the lab. The message contains no value of a parameter. */
export class LabError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** No process listens on the lab's socket. */
export class LabNotRunning extends Error {
  constructor(socket: string) {
    super(`the lab is not running (no process listens on ${socket}): start it with "npx skerry lab start"`);
  }
}

/** Client of the lab's HTTP API on its Unix socket. */
export class LabClient {
  private readonly agent: Agent;

  constructor(private readonly socket: string = labSocket) {
    this.agent = new Agent({
      connect: { socketPath: socket },
      headersTimeout: CALL_TIMEOUT_MS,
      bodyTimeout: CALL_TIMEOUT_MS,
      keepAliveTimeout: 1,
    });
  }

  status = (): Promise<LabStatus> => this.call("GET", "/v1/status");
  reserve = (name: string): Promise<LabAddress> => this.call("PUT", `/v1/addresses/${name}`);
  free = (name: string): Promise<void> => this.call("DELETE", `/v1/addresses/${name}`);
  putGroup = (name: string, group: LabGroupRequest): Promise<LabGroup> => this.call("PUT", `/v1/groups/${name}`, group);
  getGroup = (name: string): Promise<LabGroup> => this.call("GET", `/v1/groups/${name}`);
  deleteGroup = (name: string): Promise<void> => this.call("DELETE", `/v1/groups/${name}`);
  /** @param name full name of a parameter, such as `/skerry/local/tokyo/agent-token` */
  putParameter = (name: string, value: string): Promise<void> => this.call("PUT", `/v1/parameters${name}`, { value });
  /** @param name full name of a parameter; with a slash at its end, of all parameters below it */
  deleteParameters = (name: string): Promise<void> => this.call("DELETE", `/v1/parameters${name}`);
  /** Creates and starts a server. Does not wait until it has joined its cluster. */
  putServer = (name: string, server: LabServerRequest): Promise<LabServer> =>
    this.call("PUT", `/v1/servers/${name}`, server);
  getServer = (name: string): Promise<LabServer> => this.call("GET", `/v1/servers/${name}`);
  deleteServer = (name: string): Promise<void> => this.call("DELETE", `/v1/servers/${name}`);
  /** Switches a server off, as a power cut does. */
  stopServer = (name: string): Promise<LabServer> => this.call("POST", `/v1/servers/${name}/stop`);
  startServer = (name: string): Promise<LabServer> => this.call("POST", `/v1/servers/${name}/start`);
  /** Lists the objects in a folder of a bucket. */
  listObjects = (bucket: string, folder: string): Promise<LabObject[]> =>
    this.call("GET", `/v1/buckets/${bucket}/${folder}`);
  stop = (): Promise<void> => this.call("POST", "/v1/stop");

  /** Streams one log, or the names of all logs. */
  async logs(name?: string, options: { tail?: number; follow?: boolean } = {}): Promise<NodeJS.ReadableStream> {
    const query = new URLSearchParams({
      tail: String(options.tail ?? 200),
      ...(options.follow ? { follow: "1" } : {}),
    });
    const response = await this.send(
      "GET",
      name ? `/v1/logs/${encodeURIComponent(name)}?${query.toString()}` : "/v1/logs",
    );
    return response.body;
  }

  private async send(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown) {
    try {
      const response = await request(`http://lab${path}`, {
        method,
        dispatcher: this.agent,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      if (response.statusCode < 400) return response;
      throw new LabError(response.statusCode, errorMessage(await response.body.text()));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || code === "ECONNREFUSED") throw new LabNotRunning(this.socket);
      throw error;
    }
  }

  private async call<T>(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, body);
    const text = await response.body.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}

/** Renders an error response, with a line for each machine that failed. */
function errorMessage(text: string): string {
  try {
    const { error, machines = [] } = JSON.parse(text) as { error: string; machines?: LabMachine[] };
    const failed = machines.filter(({ message }) => message).map(({ name, message }) => `  ${name}: ${message}`);
    return [error, ...failed.slice(0, 5), ...(failed.length > 5 ? [`  and ${failed.length - 5} more`] : [])].join("\n");
  } catch {
    return text.slice(0, 500);
  }
}
