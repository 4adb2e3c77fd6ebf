import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { parse } from "yaml";

import { type PlanStep, type PulumiPlan, summarizePlan } from "../../preview/plan";
import { projectRoot } from "../folders";
import type { Progress, Step } from "../progress";
import { LOCAL_STACK } from "../project";
import { describeRunning } from "../run-lock";
import { findUnreadableState, resolveEngine } from "./environment";
import { terminateOwnRun } from "./orphans";
import { UpdateFailed, UpdateObserver } from "./run";
import { openExistingStack } from "./stack";

/** Time limit of a plan, in ms. The engine waits for providers, which may wait for a cloud. */
const LIMIT_MS = 300_000;

/** Longest reason in a report. */
const LONGEST_REASON = 300;

const projectName = (): string =>
  (parse(readFileSync(join(projectRoot(), "Pulumi.yaml"), "utf8")) as { readonly name: string }).name;

/** The first line that says what is wrong. Pulumi's own messages have the output of its command around it. */
function firstReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim());
  const line = lines.map((each) => /(?:^|: )error: (.+)$/.exec(each)?.[1]).find(Boolean) ?? lines.find(Boolean) ?? "";
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON)}…` : line;
}

/** Returns the reason why Pulumi cannot run now, or undefined if it can. */
async function findObstacle(stack: string): Promise<string | undefined> {
  const running = await describeRunning();
  if (running !== undefined) return `${running} is changing the stack`;
  return stack === LOCAL_STACK ? findUnreadableState(projectName()) : undefined;
}

/** Runs `pulumi preview`, which changes no resource and no state, and ends it after a time limit. */
async function collectSteps(stack: Stack, step: Step, limitMs: number): Promise<PlanStep[]> {
  const observer = new UpdateObserver(step);
  const steps: PlanStep[] = [];
  const onEvent = (event: EngineEvent): void => {
    observer.onEvent(event);
    if (!event.resourcePreEvent) return;
    const { op, urn, keys, old, new: next } = event.resourcePreEvent.metadata;
    steps.push({ op, urn, custom: (next ?? old)?.custom === true, ...(keys && { keys }) });
  };
  const abort = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    abort.abort();
    void terminateOwnRun(projectRoot());
  }, limitMs);
  try {
    await stack.preview({ onEvent, color: "never", suppressProgress: true, signal: abort.signal });
    return steps;
  } catch (error) {
    if (expired) throw new UpdateFailed(`pulumi preview took longer than ${limitMs / 1000} s`);
    throw observer.problems.length > 0 ? new UpdateFailed(observer.problems[0]) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Computes what Pulumi would do to a deployed stack if the working tree were applied. Changes no resource and no state.
 * Everything that prevents it becomes the reason of an unknown plan.
 */
export async function planStack(stack: string, progress: Progress, limitMs = LIMIT_MS): Promise<PulumiPlan> {
  const step = progress.start("pulumi preview", "starting");
  try {
    const obstacle = await findObstacle(stack);
    if (obstacle !== undefined) {
      step.done(`unknown: ${obstacle}`);
      return { stack, unknown: obstacle };
    }
    const opened = await openExistingStack(await resolveEngine(progress), stack);
    const plan = summarizePlan(stack, await collectSteps(opened, step, limitMs));
    step.done("done");
    return plan;
  } catch (error) {
    step.failed("failed");
    const details = `skerry pulumi -- preview --stack ${stack} prints the details`;
    return { stack, unknown: `${firstReason(error)} (${details})` };
  }
}
