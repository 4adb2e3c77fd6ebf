import type { EngineEvent } from "@pulumi/pulumi/automation";

import { projectRoot } from "../folders";
import { Ancestry, type DeployedCluster, findClusters, type StateResource } from "./clusters";
import { terminateOwnRun } from "./orphans";
import { probe } from "./unreachable";

/** Time between two checks, in ms. */
const PERIOD_MS = 10_000;

/**
 * Interrupts an update that waits for nothing but clusters that no longer answer. Pulumi's Kubernetes provider would wait for up to
 * ten minutes for each object. The engine records what it has done before it ends.
 */
export class LossWatch {
  private readonly active = new Set<string>();
  private readonly ancestry: Ancestry;
  private readonly clusters: readonly DeployedCluster[];
  private readonly timer: NodeJS.Timeout;
  private checking = false;

  /** @param skipped clusters that the update leaves as they are */
  constructor(
    resources: readonly StateResource[],
    skipped: readonly DeployedCluster[],
    private readonly interrupt: () => Promise<unknown> = () => terminateOwnRun(projectRoot()),
    private readonly findLost = probe,
    periodMs = PERIOD_MS,
  ) {
    this.ancestry = new Ancestry(resources);
    this.clusters = findClusters(resources).filter(({ urn }) => !skipped.some((other) => other.urn === urn));
    this.timer = setInterval(() => void this.check(), periodMs);
    this.timer.unref();
  }

  readonly onEvent = (event: EngineEvent): void => {
    this.ancestry.onEvent(event);
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (resourcePreEvent) {
      const { op, urn, new: next, old } = resourcePreEvent.metadata;
      if (op !== "same" && (next ?? old)?.custom) this.active.add(urn);
    }
    const ended = resOutputsEvent?.metadata ?? resOpFailedEvent?.metadata;
    if (ended) this.active.delete(ended.urn);
  };

  stop(): void {
    clearInterval(this.timer);
  }

  /** The clusters that the update waits for; undefined if it waits for anything else, or for nothing. */
  private findAwaited(): ReadonlySet<DeployedCluster> | undefined {
    const owners = [...this.active].map((urn) => this.ancestry.findCluster(urn, this.clusters));
    const known = owners.filter((cluster) => cluster !== undefined);
    return known.length > 0 && known.length === owners.length ? new Set(known) : undefined;
  }

  private async check(): Promise<void> {
    const awaited = this.findAwaited();
    if (this.checking || !awaited) return;
    this.checking = true;
    try {
      const lost = new Set((await this.findLost([...awaited])).map(({ urn }) => urn));
      // Others may have started in the meantime.
      const now = this.findAwaited();
      if (!now || [...now].some(({ urn }) => !lost.has(urn))) return;
      this.stop();
      await this.interrupt();
    } finally {
      this.checking = false;
    }
  }
}
