import { setTimeout as sleep } from "node:timers/promises";

import { Agent, request } from "undici";
import { parse } from "yaml";

/** How long the cluster may be unreachable, in ms. While etcd elects a leader, requests fail for some seconds. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 500;
const REQUEST_TIMEOUT_MS = 15_000;

/** Content types of patches. */
const PATCH_TYPE = "application/merge-patch+json";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

const decode = (text: string | undefined): Buffer => Buffer.from(text ?? "", "base64");

/**
 * A client of a cluster's API that survives the loss of a server: it retries while the cluster is unreachable. Each request
 * uses a connection of its own, so consecutive requests reach different servers behind a load balancer.
 */
export class ClusterApi {
  private readonly server: string;
  private readonly agent: Agent;

  /**
   * @param kubeconfig one that {@link kubeconfigFor} rendered
   * @param patienceMs how long the cluster may be unreachable, in ms
   */
  constructor(
    kubeconfig: string,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    const { clusters, users } = parse(kubeconfig) as Kubeconfig;
    const { cluster } = clusters[0]!;
    const { user } = users[0]!;
    this.server = cluster.server!;
    this.agent = new Agent({
      connect: {
        ca: decode(cluster["certificate-authority-data"]),
        cert: decode(user["client-certificate-data"]),
        key: decode(user["client-key-data"]),
      },
      headersTimeout: REQUEST_TIMEOUT_MS,
      bodyTimeout: REQUEST_TIMEOUT_MS,
      pipelining: 0,
    });
  }

  /** Returns an object, or undefined if it does not exist. */
  async get<T>(path: string): Promise<T | undefined> {
    const { status, body } = await this.send("GET", path);
    return status === 404 ? undefined : (body as T);
  }

  /** Merges a patch into an object. */
  patch = (path: string, body: unknown): Promise<Answer> => this.send("PATCH", path, body);

  /**
   * Sends a request, and repeats it while no server answers it.
   *
   * @returns the answer, whose status is below 400, 404, 409 or 429
   * @throws Error if the request is rejected, or if the cluster stays unreachable
   */
  async send(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    for (const deadline = Date.now() + this.patienceMs; ; await sleep(RETRY_MS)) {
      let problem: string;
      try {
        const answer = await this.sendOnce(method, path, body);
        if (answer.status < 400 || [404, 409, 429].includes(answer.status)) return answer;
        problem = `${method} ${path}: ${answer.status} ${messageOf(answer.body)}`;
        if (answer.status < 500) throw new RejectedRequest(problem);
      } catch (error) {
        if (error instanceof RejectedRequest) throw error;
        problem = `${method} ${path}: ${(error as Error).message}`;
      }
      if (Date.now() > deadline) throw new Error(`${this.server} is unreachable: ${problem}`);
    }
  }

  private async sendOnce(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    const answer = await request(new URL(path, this.server), {
      method,
      dispatcher: this.agent,
      headers: { "content-type": method === "PATCH" ? PATCH_TYPE : "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text };
  }

  close = (): Promise<void> => this.agent.close();
}

class RejectedRequest extends Error {}

/** Returns the message of a `Status` object. */
export function messageOf(body: unknown): string {
  return (body as { readonly message?: string }).message ?? String(body).slice(0, 200);
}
