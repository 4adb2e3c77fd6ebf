import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, request } from "undici";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** An object, or the `Status` of a failed request. */
interface Body {
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly field?: string; readonly message?: string }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: Body;
  /** Warnings of the API server. */
  readonly warnings: readonly string[];
}

/** Returns the resource name of a kind, formed with the rules of English plurals. */
export function collection({ apiVersion, kind, metadata: { namespace } }: KubeObject): string {
  const plural = kind.toLowerCase().replace(/y$/, "ie") + "s";
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}`;
}

/** Sends requests to the API of one cluster without a client library, which would hide warnings. */
export class ApiServer {
  private readonly agent: Agent;
  private readonly server: string;

  constructor(config: KubeConfig) {
    const cluster = config.getCurrentCluster()!;
    const user = config.getCurrentUser()!;
    const decoded = (text: string | undefined) => Buffer.from(text ?? "", "base64");
    this.server = cluster.server;
    this.agent = new Agent({
      connect: { ca: decoded(cluster.caData), cert: decoded(user.certData), key: decoded(user.keyData) },
    });
  }

  async send(
    method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const answer = await request(new URL(path, this.server), {
      method,
      query,
      dispatcher: this.agent,
      headers: { "content-type": type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { warning = [] } = answer.headers;
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      // Responses for unknown resources and failed handlers are plain text.
      body: text.startsWith("{") ? (JSON.parse(text) as Body) : { message: text.trim() },
      // Format: 299 - "text", with escaped quotation marks and backslashes.
      warnings: [
        ...[warning]
          .flat()
          .join(", ")
          .matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g),
      ].map(([, text]) => text!.replace(/\\(.)/g, "$1")),
    };
  }

  /** Creates an object, optionally as a dry run. */
  create(object: KubeObject, { dryRun = false } = {}): Promise<Answer> {
    return this.send("POST", collection(object), object, dryRun ? { dryRun: "All" } : {});
  }

  /** @throws Error if the API server rejects the object */
  async made(object: KubeObject): Promise<void> {
    const { status, body } = await this.create(object);
    if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${status} ${body.message}`);
  }

  remove(object: KubeObject): Promise<Answer> {
    return this.send("DELETE", `${collection(object)}/${object.metadata.name}`);
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
