import {
  FAILED,
  type ObservedJob,
  type ObservedNode,
  type ObservedWave,
  type WaveDecision,
  type WaveGoal,
} from "../../../fleet/upgrades/decide-wave";

/** How the upgrade of a node goes in the simulation. */
export type Fate = "succeeds" | "fails" | "neverReady" | "wrongVersion";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Seconds of one step. */
const STEP = 20;

/**
 * Simulates what the system-upgrade-controller does to the nodes of one plan: it cordons up to `concurrency` nodes, upgrades
 * them, uncordons them on success, leaves them cordoned on failure, and starts a failed node again.
 */
export class SimulatedUpgradeController {
  readonly nodes: Mutable<ObservedNode>[];
  jobs: Mutable<ObservedJob>[] = [];
  plan: { concurrency: number; version: string; applying: string[] } | undefined;
  /** Nodes whose upgrade has started, in order. */
  readonly started: string[] = [];
  mostAtOnce = 0;
  nowSeconds = 0;
  private progressAt = 0;
  private lastSeen = "";

  constructor(
    private readonly goal: WaveGoal,
    nodes: readonly ObservedNode[],
    private readonly fates: Readonly<Record<string, Fate>>,
    private readonly random: () => number,
  ) {
    this.nodes = nodes.map((node) => ({ ...node }));
  }

  observe(): ObservedWave {
    const seen = JSON.stringify([this.nodes, this.jobs, this.plan]);
    if (seen !== this.lastSeen) this.progressAt = this.nowSeconds;
    this.lastSeen = seen;
    return {
      nodes: this.nodes,
      jobs: this.jobs,
      progressAt: this.progressAt * 1000,
      ...(this.plan && { plan: this.plan }),
    };
  }

  /** Does what the shell of a wave does with a decision. */
  act(decision: WaveDecision): void {
    if (decision.kind === "apply") {
      this.mark(decision.select, this.goal.plan);
      this.jobs = this.jobs.filter(({ node }) => !decision.select.includes(node));
      const { applying = [] } = this.plan ?? {};
      this.plan = { concurrency: decision.concurrency, version: this.goal.version, applying };
    } else if (decision.kind === "stop" || decision.kind === "finish") {
      this.mark(decision.deselect, undefined);
      if (decision.kind === "finish") return;
      this.mark(decision.failed, FAILED);
      this.jobs = this.jobs.filter(({ name }) => !decision.deleteJobs.includes(name));
      for (const node of this.nodes) if (decision.uncordon.includes(node.name)) node.cordoned = false;
    }
  }

  /** Lets the controller and the nodes work for one step. */
  advance(): void {
    this.nowSeconds += STEP;
    const { plan } = this;
    if (!plan) return;
    for (const job of this.jobs) if (job.state === "running" && this.random() < 0.4) this.complete(job);
    plan.applying = plan.applying.filter((name) => this.isPending(name));
    for (const node of this.nodes) {
      if (plan.applying.length >= plan.concurrency) break;
      if (!this.isPending(node.name) || plan.applying.includes(node.name)) continue;
      plan.applying.push(node.name);
      this.started.push(node.name);
    }
    for (const name of plan.applying) {
      if (this.jobs.some(({ node }) => node === name)) continue;
      this.jobs.push({ name: `apply-${name}`, node: name, state: "running" });
      this.nodeOf(name).cordoned = true;
    }
    this.mostAtOnce = Math.max(this.mostAtOnce, this.jobs.filter(({ state }) => state === "running").length);
  }

  private isPending(name: string): boolean {
    const done = this.jobs.some((job) => job.node === name && job.state === "succeeded");
    return !done && this.nodeOf(name).mark === this.goal.plan;
  }

  private nodeOf(name: string): Mutable<ObservedNode> {
    return this.nodes.find((node) => node.name === name)!;
  }

  private complete(job: Mutable<ObservedJob>): void {
    const node = this.nodeOf(job.node);
    const fate = this.fates[job.node] ?? "succeeds";
    job.finishedAt = this.nowSeconds * 1000;
    job.state = fate === "fails" ? "failed" : "succeeded";
    if (fate === "fails") return;
    node.cordoned = false;
    if (fate !== "wrongVersion") node.version = this.goal.version;
    if (fate === "neverReady") node.ready = false;
  }

  private mark(names: readonly string[], mark: string | undefined): void {
    for (const node of this.nodes.filter(({ name }) => names.includes(name))) {
      if (mark === undefined) delete node.mark;
      else node.mark = mark;
    }
  }
}
