import { Agent, request } from "undici";

import { labSocket } from "./state-folder";

/** Longest wait for one call, in ms: a big group of machines joins within it. */
const CALL_TIMEOUT_MS = 600_000;

export interface LabMachine {
  readonly name: string;
  readonly hostname: string;
  readonly address: string;
  readonly state: "booting" | "joining" | "ready" | "refused" | "unreachable" | "stopped";
  readonly message?: string;
}

export interface LabGroup {
  readonly name: string;
  readonly kind?: "server" | "agent" | "unknown";
  readonly machines: readonly LabMachine[];
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
  readonly clusters: readonly { name: string; endpoint: string; pid: number; rssBytes: number; ready: boolean }[];
  readonly processes: readonly LabProcess[];
}

/** What the hardware of a group's machines is. */
export interface LabHardware {
  readonly instanceType: string;
  readonly cpuCores: number;
  readonly memoryMiB: number;
  readonly ephemeralGiB: number;
}

/** A group of equal machines, as it is asked for. */
export interface LabGroupRequest {
  readonly count: number;
  /** Machines are called `<hostname>-01`, … */
  readonly hostname: string;
  /** cloud-init user data. Holds credentials. */
  readonly userData: string;
  /** Name of a reserved address; for servers. */
  readonly address?: string;
  readonly machine: LabHardware;
}

/** The lab answered with a refusal. The message holds no user data. */
export class LabError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody listens at the lab's socket. */
export class LabNotRunning extends Error {
  constructor(socket: string) {
    super(`the lab is not running (nothing listens at ${socket}): start it with "npx skerry lab start"`);
  }
}

/** Talks to the lab over its socket. */
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
  stop = (): Promise<void> => this.call("POST", "/v1/stop");

  /** Log names, or one log's text as it comes. */
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
      throw new LabError(response.statusCode, refusal(await response.body.text()));
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

/** The lab's own words, and each machine that it refused with the reason. */
function refusal(text: string): string {
  try {
    const { error, machines = [] } = JSON.parse(text) as { error: string; machines?: LabMachine[] };
    const refused = machines.filter(({ message }) => message).map(({ name, message }) => `  ${name}: ${message}`);
    return [error, ...refused.slice(0, 5), ...(refused.length > 5 ? [`  and ${refused.length - 5} more`] : [])].join(
      "\n",
    );
  } catch {
    return text.slice(0, 500);
  }
}
