import { setTimeout as sleep } from "node:timers/promises";

import type { KubeConfig } from "@kubernetes/client-node";

import { ApiServer } from "./api-server";
import { eventually } from "./eventually";

/** Interval between two writes, in ms. */
const INTERVAL_MS = 50;

/**
 * Starts a write at a fixed interval, also while earlier ones wait for their answers, as independent clients do. Measures how
 * long no write succeeds, and how long a single write takes.
 */
export class Writer {
  /** Numbers of the writes that the API acknowledged. */
  private readonly acknowledged: number[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly api: ApiServer;
  private last = Date.now();
  private longest = 0;
  private slowest = 0;
  private stopping = false;
  private readonly running: Promise<void>;

  /** @param name prefix of the ConfigMaps that are created */
  constructor(
    config: KubeConfig,
    private readonly name: string,
  ) {
    this.api = new ApiServer(config);
    this.running = this.run();
  }

  private async run(): Promise<void> {
    for (let number = 0; !this.stopping; number += 1, await sleep(INTERVAL_MS)) {
      const write = this.write(number).finally(() => this.pending.delete(write));
      this.pending.add(write);
    }
    await Promise.all(this.pending);
  }

  private async write(number: number): Promise<void> {
    const started = Date.now();
    const metadata = { name: `${this.name}-${number}`, namespace: "default" };
    const { status } = await this.api
      .create({ apiVersion: "v1", kind: "ConfigMap", metadata })
      .catch(() => ({ status: 0 }));
    this.slowest = Math.max(this.slowest, Date.now() - started);
    if (status !== 201) return;
    this.acknowledged.push(number);
    this.longest = Math.max(this.longest, Date.now() - this.last);
    this.last = Date.now();
  }

  /** Longest time until a write succeeded or failed, in ms. */
  get slowestWriteMs(): number {
    return this.slowest;
  }

  /** Number of acknowledged writes. */
  get count(): number {
    return this.acknowledged.length;
  }

  /** Longest time between two acknowledged writes, in ms, including the time since the last one. */
  get longestGapMs(): number {
    return Math.max(this.longest, Date.now() - this.last);
  }

  /** Stops writing. Returns the names of acknowledged ConfigMaps that do not exist. */
  async stop(): Promise<string[]> {
    this.stopping = true;
    await this.running;
    const { value: body } = await eventually("the ConfigMaps can be listed", 60, async () => {
      const answer = await this.api.send("GET", "/api/v1/namespaces/default/configmaps").catch(() => undefined);
      return answer?.status === 200 && answer.body;
    });
    const { items } = body as unknown as { items: { metadata: { name: string } }[] };
    const found = new Set(items.map(({ metadata }) => metadata.name));
    await this.api.close();
    return this.acknowledged.map((number) => `${this.name}-${number}`).filter((name) => !found.has(name));
  }
}
