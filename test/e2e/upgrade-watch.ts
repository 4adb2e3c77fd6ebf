import { setTimeout as sleep } from "node:timers/promises";

import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";

import { CONTROL_PLANE, protectedLabels } from "../../fleet/labels";

/** A node during an upgrade. */
export interface WatchedNode {
  readonly name: string;
  readonly server: boolean;
  readonly version: string;
  readonly ready: boolean;
  readonly cordoned: boolean;
  /** What the running wave has marked it with. */
  readonly mark?: string;
}

/** Reads the nodes of a cluster, by name. */
export async function readNodes(config: KubeConfig): Promise<WatchedNode[]> {
  const { items } = await config.makeApiClient(CoreV1Api).listNode();
  return items
    .map(({ metadata, spec, status }) => {
      const mark = metadata?.labels?.[protectedLabels.upgrade];
      return {
        name: metadata!.name!,
        server: CONTROL_PLANE in (metadata?.labels ?? {}),
        version: status!.nodeInfo!.kubeletVersion,
        ready: status!.conditions!.some(({ type, status: value }) => type === "Ready" && value === "True"),
        cordoned: spec?.unschedulable ?? false,
        ...(mark !== undefined && { mark }),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Watches the nodes of a cluster until it is stopped. */
export class UpgradeWatch {
  /** Largest numbers of servers and agents that were cordoned at the same time. */
  mostServers = 0;
  mostAgents = 0;
  /** Names of nodes in the order in which they changed to the version. */
  readonly upgraded: string[] = [];
  /** Version of each node when it was first seen. */
  readonly firstVersions = new Map<string, string>();
  /** Seconds for which each upgraded node was cordoned. */
  readonly seconds = new Map<string, number>();
  private readonly cordonedAt = new Map<string, number>();
  private stopped = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly config: KubeConfig,
    private readonly version: string,
  ) {
    this.ended = this.watch();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.ended;
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      // The API of a cluster with one server is away while the server restarts.
      const nodes = await readNodes(this.config).catch(() => []);
      const cordoned = nodes.filter((node) => node.cordoned);
      this.mostServers = Math.max(this.mostServers, cordoned.filter(({ server }) => server).length);
      this.mostAgents = Math.max(this.mostAgents, cordoned.filter(({ server }) => !server).length);
      for (const node of nodes) this.record(node);
      await sleep(200);
    }
  }

  private record({ name, version, ready, cordoned }: WatchedNode): void {
    const now = Date.now();
    if (!this.firstVersions.has(name)) this.firstVersions.set(name, version);
    if (cordoned && !this.cordonedAt.has(name)) this.cordonedAt.set(name, now);
    if (version === this.version && !this.upgraded.includes(name)) this.upgraded.push(name);
    const since = this.cordonedAt.get(name);
    if (cordoned || since === undefined) return;
    if (version === this.version && ready) this.seconds.set(name, (now - since) / 1000);
    this.cordonedAt.delete(name);
  }
}
