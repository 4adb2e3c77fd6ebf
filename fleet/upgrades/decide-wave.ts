import type { MaintenanceWindow } from "../model";
import { isNewerVersion } from "./check-upgrade";
import { describeWindow, isOpen } from "./window";

/** A node of a wave's pools, as the API server shows it. */
export interface ObservedNode {
  readonly name: string;
  /** K3s version that its kubelet reports. */
  readonly version: string;
  readonly ready: boolean;
  /** Time since which the node is not Ready, in ms. Absent if it is, or if the time is unknown. */
  readonly notReadySince?: number;
  /** Whether it is unschedulable. */
  readonly cordoned: boolean;
  /** Value of the label `upgrade`: the plan that may upgrade the node, or {@link FAILED}. */
  readonly mark?: string;
}

/** The job of the system-upgrade-controller that upgrades one node. */
export interface ObservedJob {
  readonly name: string;
  readonly node: string;
  readonly state: "running" | "succeeded" | "failed";
  /** Time of success or failure, in ms. */
  readonly finishedAt?: number;
  /** Reason of the failure. */
  readonly message?: string;
}

/** What the API server shows of a wave. */
export interface ObservedWave {
  readonly nodes: readonly ObservedNode[];
  readonly jobs: readonly ObservedJob[];
  /** Absent before the first run. */
  readonly plan?: {
    /** 0 while no further node may start. */
    readonly concurrency: number;
    readonly version: string;
    /** Nodes that the controller is upgrading. */
    readonly applying: readonly string[];
  };
  /** Time of the last change, in ms. */
  readonly progressAt: number;
}

/** What a wave is to reach. */
export interface WaveGoal {
  readonly plan: string;
  readonly version: string;
  readonly concurrency: number;
  /** Whether the nodes are servers. All of them must be Ready before the wave starts. */
  readonly servers: boolean;
  readonly window?: MaintenanceWindow;
  readonly readyTimeoutSeconds: number;
  /** Seconds without any change after which the wave has failed. */
  readonly stallTimeoutSeconds: number;
}

/** Mark of a node whose upgrade has failed. It is upgraded again once it is Ready. */
export const FAILED = "failed";

/** A node that the wave leaves as it is. */
export interface SkippedNode {
  readonly name: string;
  readonly reason: string;
}

/** The next step of a wave. */
export type WaveDecision =
  /** Mark these nodes, then apply the plan with this concurrency. With 0, no further node starts. */
  | {
      readonly kind: "apply";
      readonly concurrency: number;
      readonly select: readonly string[];
      readonly reason: string;
    }
  | { readonly kind: "wait"; readonly reason: string }
  /** No node is being upgraded, and none may start until the window opens. */
  | { readonly kind: "closed"; readonly reason: string }
  /** End the wave without success. */
  | ({ readonly kind: "stop"; readonly reason: string } & WaveCleanup)
  /** End the wave: every node that it selected runs the version and is Ready. */
  | { readonly kind: "finish"; readonly deselect: readonly string[]; readonly skipped: readonly SkippedNode[] };

/** What a stopped wave must leave behind: no cordoned node, no job, and no node that the plan still selects. */
export interface WaveCleanup {
  readonly failed: readonly string[];
  readonly uncordon: readonly string[];
  readonly deselect: readonly string[];
  readonly deleteJobs: readonly string[];
}

/** Returns why the upgrade of a node has failed, or undefined. */
function describeFailure(goal: WaveGoal, node: ObservedNode, job: ObservedJob | undefined, now: number) {
  if (job?.state === "failed") return `the upgrade of ${node.name} failed${job.message ? `: ${job.message}` : ""}`;
  // The job of a node whose new K3s does not start never ends, because a kubelet reports it: it runs until its time limit.
  if (job?.state === "running" && now - (node.notReadySince ?? now) > goal.readyTimeoutSeconds * 1000)
    return `${node.name} is not Ready for ${goal.readyTimeoutSeconds} s during its upgrade`;
  if (job?.state !== "succeeded") return undefined;
  const waited = now - (job.finishedAt ?? now);
  if (waited <= goal.readyTimeoutSeconds * 1000) return undefined;
  const limit = `${goal.readyTimeoutSeconds} s after its upgrade`;
  if (!node.ready) return `${node.name} is not Ready ${limit}`;
  return node.version === goal.version
    ? undefined
    : `${node.name} runs ${node.version} instead of ${goal.version} ${limit}`;
}

/**
 * Decides the next step of a wave from what the API server shows. Pure: a caller observes, decides, acts, and repeats until
 * the decision is `stop` or `finish`. An interrupted wave continues where it was.
 *
 * The first failure ends a wave: no further node starts, nodes in progress finish, and then nothing stays cordoned.
 */
export function decideWave(goal: WaveGoal, observed: ObservedWave, now: number): WaveDecision {
  const { nodes, plan } = observed;
  const jobOf = new Map(observed.jobs.map((job) => [job.node, job]));
  const selected = nodes.filter(({ mark }) => mark === goal.plan);
  const running = selected.filter(({ name }) => {
    const state = jobOf.get(name)?.state;
    return state === "running" || (state === undefined && plan?.applying.includes(name));
  });
  const isDone = (node: ObservedNode): boolean =>
    node.version === goal.version && node.ready && !node.cordoned && jobOf.get(node.name)?.state !== "running";
  const mayStart = plan !== undefined && plan.concurrency > 0 && plan.version === goal.version;

  const failures = selected.flatMap((node) => {
    const reason = describeFailure(goal, node, jobOf.get(node.name), now);
    return reason === undefined ? [] : [{ node: node.name, reason }];
  });
  if (failures.length > 0) {
    const reason = failures.map((failure) => failure.reason).join("; ");
    if (plan && plan.concurrency > 0) return { kind: "apply", concurrency: 0, select: [], reason };
    if (running.length > 0)
      return { kind: "wait", reason: `${reason}; ${count(running.length)} in progress must finish` };
    const failed = failures.map(({ node }) => node);
    return { kind: "stop", reason, ...cleanUp(selected, observed.jobs, failed) };
  }

  if (selected.length === 0) return start(goal, observed, now);
  if (selected.every(isDone)) {
    return { kind: "finish", deselect: selected.map(({ name }) => name), skipped: skippedNodes(goal, nodes) };
  }
  const doneCount = selected.filter(isDone).length;
  const progress = `${doneCount} of ${count(selected.length)} upgraded`;
  if (goal.window && !isOpen(goal.window, now)) {
    const reason = `outside the maintenance window ${describeWindow(goal.window)}, ${progress}`;
    // The controller checks its window only before it starts the first node.
    if (mayStart) return { kind: "apply", concurrency: 0, select: [], reason };
    return running.length > 0 ? { kind: "wait", reason } : { kind: "closed", reason };
  }
  if (!mayStart) return { kind: "apply", concurrency: goal.concurrency, select: [], reason: progress };
  if (running.length === 0 && now - observed.progressAt > goal.stallTimeoutSeconds * 1000) {
    const reason = `${progress}, and nothing has changed for ${goal.stallTimeoutSeconds} s: check the system-upgrade-controller`;
    return { kind: "stop", reason, ...cleanUp(selected, observed.jobs, []) };
  }
  return { kind: "wait", reason: progress };
}

const count = (nodes: number): string => `${nodes} ${nodes === 1 ? "node" : "nodes"}`;

function cleanUp(selected: readonly ObservedNode[], jobs: readonly ObservedJob[], failed: string[]): WaveCleanup {
  const names = selected.map(({ name }) => name);
  return {
    failed,
    uncordon: selected.filter(({ cordoned }) => cordoned).map(({ name }) => name),
    deselect: names.filter((name) => !failed.includes(name)),
    deleteJobs: jobs.filter(({ node }) => names.includes(node)).map(({ name }) => name),
  };
}

/** Returns the nodes that run another version and that the wave cannot upgrade. */
function skippedNodes({ version, plan }: WaveGoal, nodes: readonly ObservedNode[]): SkippedNode[] {
  return nodes
    .filter((node) => node.version !== version && node.mark !== plan)
    .flatMap((node) => {
      const { name, ready, cordoned } = node;
      if (isNewerVersion(node.version, version)) return [{ name, reason: `runs ${node.version}: replace its machine` }];
      return ready && !cordoned ? [] : [{ name, reason: ready ? "cordoned" : "not Ready" }];
    });
}

/**
 * Selects the nodes that run an older version. Nodes that are not Ready or that a person has cordoned are skipped, and nodes that
 * run a newer one: the jobs cannot downgrade K3s.
 */
function start(goal: WaveGoal, { nodes }: ObservedWave, now: number): WaveDecision {
  const nothing: WaveCleanup = { failed: [], uncordon: [], deselect: [], deleteJobs: [] };
  const notReady = nodes.filter(({ ready }) => !ready);
  const outdated = nodes.filter(({ version }) => version !== goal.version && !isNewerVersion(version, goal.version));
  const blocking = goal.servers ? notReady : notReady.filter(({ mark }) => mark === FAILED);
  if (outdated.length > 0 && blocking.length > 0) {
    const names = blocking.map(({ name }) => name).join(", ");
    const state = goal.servers ? "must be Ready before servers are upgraded" : "not Ready since its upgrade failed";
    return { kind: "stop", reason: `${names}: ${state}; repair or delete it first`, ...nothing };
  }
  const select = outdated.filter(({ ready, cordoned }) => ready && !cordoned).map(({ name }) => name);
  if (select.length === 0) {
    const recovered = nodes.filter(({ mark, ready }) => mark === FAILED && ready).map(({ name }) => name);
    return { kind: "finish", deselect: recovered, skipped: skippedNodes(goal, nodes) };
  }
  if (goal.window && !isOpen(goal.window, now)) {
    return { kind: "closed", reason: `outside the maintenance window ${describeWindow(goal.window)}` };
  }
  return { kind: "apply", concurrency: goal.concurrency, select, reason: `${count(select.length)} to upgrade` };
}
