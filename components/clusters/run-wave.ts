import { setTimeout as sleep } from "node:timers/promises";

import type { KubeObject } from "../../fleet/kubernetes/object";
import {
  decideWave,
  FAILED,
  type SkippedNode,
  type WaveDecision,
  type WaveGoal,
} from "../../fleet/upgrades/decide-wave";
import type { UpgradeApi } from "./upgrade-api";

/** One wave of an upgrade. */
export interface Wave {
  readonly goal: WaveGoal;
  /** Names of the pools. Empty for servers. */
  readonly pools: readonly string[];
  readonly plan: KubeObject;
}

/** The clock of a wave, so that tests need not wait. */
export interface WaveClock {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const CLOCK: WaveClock = { now: Date.now, sleep };

/** Time between two observations, in ms. */
const INTERVAL_MS = 5_000;

/** Time for which the API server may be away, in ms: the only server of a cluster restarts during its own upgrade. */
const OUTAGE_MS = 15 * 60_000;

/** What a finished wave leaves as it is. */
export interface WaveResult {
  readonly skipped: readonly SkippedNode[];
}

/** Returns a plan with another concurrency. */
const withConcurrency = (plan: KubeObject, concurrency: number): KubeObject => ({
  ...plan,
  spec: { ...(plan.spec as object), concurrency },
});

/** The end of a wave that did not finish. */
class WaveError extends Error {}

/** Whether a request cannot succeed by being repeated: the API server has understood and rejected it. */
function isRejected(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "number" && code >= 400 && code < 500 && ![408, 409, 429].includes(code);
}

/**
 * Upgrades the nodes of one wave, and returns when all of them run the version and are Ready.
 *
 * @throws Error if the wave has stopped, or its maintenance window is closed
 */
export async function runWave(
  api: UpgradeApi,
  { goal, pools, plan }: Wave,
  clock: WaveClock = CLOCK,
): Promise<WaveResult> {
  let seen = "";
  let progressAt = clock.now();
  let failingSince: number | undefined;
  for (;;) {
    try {
      const observed = await api.observe(goal, pools);
      const state = JSON.stringify(observed);
      if (state !== seen) progressAt = clock.now();
      seen = state;
      const decision = decideWave(goal, { ...observed, progressAt }, clock.now());
      if (decision.kind === "closed")
        throw new WaveError(`${goal.plan}: ${decision.reason}; run the update again then`);
      await act(api, goal, plan, decision, observed.jobs);
      if (decision.kind === "stop") throw new WaveError(`${goal.plan} stopped: ${decision.reason}`);
      if (decision.kind === "finish") return { skipped: decision.skipped };
      failingSince = undefined;
    } catch (error) {
      failingSince ??= clock.now();
      if (error instanceof WaveError || isRejected(error) || clock.now() - failingSince > OUTAGE_MS) throw error;
    }
    await clock.sleep(INTERVAL_MS);
  }
}

async function act(
  api: UpgradeApi,
  goal: WaveGoal,
  plan: KubeObject,
  decision: WaveDecision,
  jobs: readonly { readonly name: string; readonly node: string }[],
): Promise<void> {
  switch (decision.kind) {
    case "apply": {
      // A job that a node has left from an earlier run would count for this one.
      const stale = jobs.filter(({ node }) => decision.select.includes(node)).map(({ name }) => name);
      await api.deleteJobs(stale);
      if (!(await api.applyPlan(withConcurrency(plan, decision.concurrency)))) {
        throw new Error("the API server does not know the kind Plan: check the system-upgrade-controller");
      }
      return api.markNodes(goal.plan, decision.select, goal.plan);
    }
    case "stop":
      await api.applyPlan(withConcurrency(plan, 0));
      await api.markNodes(goal.plan, decision.deselect, undefined);
      await api.markNodes(goal.plan, decision.failed, FAILED);
      await api.deleteJobs(decision.deleteJobs);
      // Last, because a job that still runs could cordon its node again.
      return api.uncordonNodes(decision.uncordon);
    case "finish":
      await api.markNodes(goal.plan, decision.deselect, undefined);
      // Agents wait for the plan of the servers, so it exists even if no server had to be upgraded.
      await api.applyPlan(plan);
      return;
  }
}
