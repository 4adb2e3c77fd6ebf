import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { kubeconfigFor } from "../../../fleet/k3s/kubeconfig";
import { createAuthority, issueCertificate, type KeyPair } from "../../../fleet/pki";

type Json = Readonly<Record<string, unknown>>;
type Labels = Record<string, string>;

interface NodeObject {
  readonly metadata: { readonly name: string; labels: Labels };
  readonly spec: { unschedulable?: boolean };
  readonly status: {
    readonly nodeInfo: { kubeletVersion: string };
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

interface JobObject {
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly status: { conditions?: readonly object[] };
}

interface PlanObject {
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  readonly spec: { readonly version: string; readonly concurrency: number };
  status?: { readonly applying: readonly string[] };
}

const PLANS = "/apis/upgrade.cattle.io/v1";
const JOBS = "/apis/batch/v1/namespaces/system-upgrade/jobs";
const SNAPSHOTS = "/apis/k3s.cattle.io/v1/etcdsnapshotfiles";

/** Merges a patch as RFC 7396 describes. */
function merge(target: Json, patch: Json): Json {
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (typeof value !== "object" || Array.isArray(value)) result[key] = value;
    else result[key] = merge((result[key] ?? {}) as Json, value as Json);
  }
  return result;
}

/** Whether labels match a selector of the forms `a=b` and `a in (b,c)`. */
function matches(labels: Labels = {}, selector: string | null): boolean {
  const terms = selector?.match(/[^,(]+(\([^)]*\))?/g) ?? [];
  return terms.every((term) => {
    const [, key, list] = /^(.+) in \((.*)\)$/.exec(term) ?? [];
    if (key !== undefined) return list!.split(",").includes(labels[key] ?? "");
    const [name, value] = term.split("=");
    return labels[name!] === value;
  });
}

/**
 * A small HTTPS server with the parts of a K3s API server that an upgrade uses, and a system-upgrade-controller that works
 * whenever a client lists the nodes.
 */
export class StandInApiServer {
  readonly nodes = new Map<string, NodeObject>();
  readonly jobs = new Map<string, JobObject>();
  readonly plans = new Map<string, PlanObject>();
  snapshots: object[] = [];
  /** Requests, such as `PATCH /api/v1/nodes/a`. */
  readonly requests: string[] = [];
  /** Bodies of the accepted requests for a snapshot. */
  readonly snapshotRequests: Json[] = [];
  /** Whether the controller has registered its kind. */
  knowsPlans = true;
  /** Nodes whose upgrade fails. */
  failing = new Set<string>();
  kubeconfig = "";
  private server: Server | undefined;
  private admin: KeyPair | undefined;

  constructor(private readonly serverPassword: string) {}

  async start(): Promise<this> {
    const authority = await createAuthority({ commonName: "stand-in root", years: 1 });
    const own = await issueCertificate(authority, {
      commonName: "stand-in",
      ipAddresses: ["127.0.0.1"],
      usage: "server",
      days: 1,
    });
    this.admin = await issueCertificate(authority, { commonName: "admin", usage: "client", days: 1 });
    this.server = createServer({ key: own.key, cert: own.certificate }, (request, response) => {
      void this.answer(request, response);
    });
    await new Promise<void>((resolve) => this.server!.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    this.kubeconfig = kubeconfigFor({
      cluster: "east",
      server: `https://127.0.0.1:${port}`,
      certificateAuthority: authority.certificate,
      ...this.admin,
    });
    return this;
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  addNode(name: string, version: string, labels: Labels, ready = true): void {
    this.nodes.set(name, {
      metadata: { name, labels },
      spec: {},
      status: {
        nodeInfo: { kubeletVersion: version },
        conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      },
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "https://stand-in");
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
    this.requests.push(`${request.method} ${url.pathname}`);
    const [status, body] = this.respond(request, url, text === "" ? {} : (JSON.parse(text) as Json));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  private respond({ method, headers }: IncomingMessage, url: URL, body: Json): [number, Json] {
    const { pathname } = url;
    const selector = url.searchParams.get("labelSelector");
    const notFound: [number, Json] = [404, { kind: "Status", code: 404 }];
    const list = (items: Iterable<NodeObject | JobObject>): [number, Json] => [
      200,
      { items: [...items].filter(({ metadata }) => matches(metadata.labels, selector)) },
    ];
    const kind = (name: string, plural: string, namespaced: boolean) => ({
      resources: [{ name: plural, kind: name, namespaced, verbs: ["get"] }],
    });
    if (pathname === "/db/snapshot") {
      const wanted = `Basic ${Buffer.from(`server:${this.serverPassword}`).toString("base64")}`;
      if (headers.authorization !== wanted) return [401, {}];
      this.snapshotRequests.push(body);
      return [200, { created: [`${(body.name as string[])[0]}-server-01-1`] }];
    }
    if (pathname === "/api/v1") return [200, kind("Node", "nodes", false)];
    if (pathname === PLANS) return this.knowsPlans ? [200, kind("Plan", "plans", true)] : notFound;
    if (pathname === SNAPSHOTS) return [200, { items: this.snapshots }];
    if (pathname === "/api/v1/nodes") {
      this.upgradeNodes();
      return list(this.nodes.values());
    }
    if (pathname === JOBS) return list(this.jobs.values());
    const [collection, found] = pathname.startsWith(`${JOBS}/`)
      ? [JOBS, this.jobs]
      : pathname.startsWith(PLANS)
        ? [`${PLANS}/namespaces/system-upgrade/plans`, this.plans]
        : ["/api/v1/nodes", this.nodes];
    const store = found as Map<string, object>;
    const name = pathname.slice(collection.length + 1);
    if (method === "PATCH") {
      const isApply = headers["content-type"] === "application/apply-patch+yaml";
      if (!store.has(name) && !isApply) return notFound;
      store.set(name, merge((store.get(name) ?? {}) as Json, body));
    }
    const object = store.get(name);
    if (!object) return notFound;
    if (method === "DELETE") store.delete(name);
    return [200, object as Json];
  }

  /** Completes the running jobs, and starts jobs on marked nodes up to the concurrency of each plan. */
  private upgradeNodes(): void {
    for (const plan of this.plans.values()) {
      const { name } = plan.metadata;
      const { version, concurrency } = plan.spec;
      const label = `plan.upgrade.cattle.io/${name}`;
      const mark = "skerry.dev.node-restriction.kubernetes.io/upgrade";
      const running = [...this.jobs.values()].filter(
        ({ metadata }) => metadata.labels["upgrade.cattle.io/plan"] === name,
      );
      for (const job of running.filter(({ status }) => !status.conditions)) {
        const node = this.nodes.get(job.metadata.labels["upgrade.cattle.io/node"]!)!;
        const failed = this.failing.has(node.metadata.name);
        const type = failed ? "Failed" : "Complete";
        job.status.conditions = [
          {
            type,
            status: "True",
            reason: failed ? "DeadlineExceeded" : "",
            lastTransitionTime: new Date().toISOString(),
          },
        ];
        if (failed) continue;
        node.status.nodeInfo.kubeletVersion = version;
        node.metadata.labels[label] = version;
        delete node.spec.unschedulable;
      }
      const pending = [...this.nodes.values()].filter(
        ({ metadata }) => metadata.labels[mark] === name && metadata.labels[label] !== version,
      );
      const started = pending.filter(({ metadata }) => !this.jobs.has(`apply-${metadata.name}`)).slice(0, concurrency);
      for (const node of started) {
        const labels = {
          "upgrade.cattle.io/plan": name,
          "upgrade.cattle.io/node": node.metadata.name,
          "upgrade.cattle.io/version": version.replace("+", "-"),
        };
        this.jobs.set(`apply-${node.metadata.name}`, {
          metadata: { name: `apply-${node.metadata.name}`, labels },
          status: {},
        });
        node.spec.unschedulable = true;
      }
      plan.status = { applying: pending.map(({ metadata }) => metadata.name).slice(0, concurrency) };
    }
  }
}
