import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation";

import type { Progress, Step } from "../progress";
import { findClusters } from "./clusters";
import { LossWatch } from "./loss-watch";
import { cleanPendingCreations } from "./pending";
import { releaseDeadLocks } from "./stack";
import { excluding, findUnreachable, probe, readResources, type UnreachableCluster } from "./unreachable";

/** A failed run of Pulumi. The message contains the errors of its resources; Pulumi masks secrets. */
export class UpdateFailed extends Error {}

const stripMarkup = (text: string): string => text.replace(/<\{%[^%]*%\}>/g, "").trim();
const shortName = (urn: string): string => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "");

/** The engine's error for the stack if it continued after errors, which say more. */
const SUMMARY = "update failed";

/** Observes the events of an update: reports progress and collects errors. */
export class UpdateObserver {
  readonly problems: string[] = [];
  /** Whether a previous update was interrupted. */
  interrupted = false;
  private done = 0;
  private readonly active = new Set<string>();

  constructor(private readonly step: Step) {}

  readonly onEvent = (event: EngineEvent): void => {
    const { diagnosticEvent, policyEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (policyEvent?.enforcementLevel === "mandatory") {
      this.problems.push(`${policyEvent.policyName}: ${stripMarkup(policyEvent.message)}`);
    }
    if (diagnosticEvent?.severity === "warning" && diagnosticEvent.message.includes("pending operations")) {
      this.interrupted = true;
    }
    if (diagnosticEvent?.severity === "error" && stripMarkup(diagnosticEvent.message) !== SUMMARY) {
      const prefix = diagnosticEvent.urn ? `${shortName(diagnosticEvent.urn)}: ` : "";
      this.problems.push(`${prefix}${stripMarkup(diagnosticEvent.message)}`);
    }
    if (resourcePreEvent && resourcePreEvent.metadata.op !== "same") this.active.add(resourcePreEvent.metadata.urn);
    const ended = resOutputsEvent?.metadata ?? resOpFailedEvent?.metadata;
    if (!ended) return;
    this.active.delete(ended.urn);
    this.done += 1;
    const current = [...this.active].slice(-2).map(shortName).join(", ");
    this.step.update(`${this.done} resources${current ? `, now ${current}` : ""}`);
  };
}

/** The result of an update. */
export interface Update {
  /** Outputs of the stack, including secrets. */
  readonly outputs: OutputMap;
  /** Clusters that were not updated. */
  readonly unreachable: readonly UnreachableCluster[];
}

/** Options of {@link update}. */
export interface UpdateOptions {
  readonly policyPack: string;
  /** Whether to change clusters whose APIs do not answer. */
  readonly includeUnreachable: boolean;
  readonly progress: Progress;
}

/**
 * Runs `pulumi up` on a stack with a policy pack. Clusters whose APIs do not answer are skipped. If one is lost during the update,
 * the update is repeated without it, so that everything else is applied, including deletions, which come last.
 *
 * @throws UpdateFailed with all errors of the other clusters
 */
export async function update(stack: Stack, options: UpdateOptions): Promise<Update> {
  const { policyPack, includeUnreachable, progress } = options;
  const before = await readResources(stack);
  let skipped = includeUnreachable ? [] : await findUnreachable(before, progress);
  for (;;) {
    const step = progress.start("pulumi up", "starting");
    const observer = new UpdateObserver(step);
    const watch = new LossWatch(await readResources(stack), skipped);
    try {
      const { outputs, summary } = await stack.up({
        onEvent: (event) => {
          observer.onEvent(event);
          watch.onEvent(event);
        },
        color: "never",
        suppressProgress: true,
        policyPacks: [policyPack],
        continueOnError: true,
        ...excluding(skipped),
      });
      if (observer.interrupted) await cleanPendingCreations(stack);
      const changes = (summary.resourceChanges ?? {}) as Record<string, number>;
      const total = Object.values(changes).reduce((sum, n) => sum + n, 0);
      step.done(`${total} resources, ${total - (changes.same ?? 0)} changed`);
      return { outputs, unreachable: skipped };
    } catch (error) {
      const known = new Set(skipped.map(({ urn }) => urn));
      const others = findClusters(await readResources(stack)).filter(({ urn }) => !known.has(urn));
      const lost = includeUnreachable ? [] : await probe(others);
      if (lost.length === 0) {
        step.failed("pulumi up failed");
        throw new UpdateFailed(errorMessage(observer, error));
      }
      step.failed(`lost ${lost.map(({ name, reason }) => `${name} (${reason})`).join(", ")}; continuing without`);
      await releaseDeadLocks(stack);
      skipped = [...skipped, ...lost];
    } finally {
      watch.stop();
    }
  }
}

/** Runs `pulumi destroy` on a stack. */
export async function destroy(stack: Stack, step: Step): Promise<void> {
  const observer = new UpdateObserver(step);
  try {
    await stack.destroy({ onEvent: observer.onEvent, color: "never", suppressProgress: true });
    step.done("destroyed");
  } catch (error) {
    step.failed("pulumi destroy failed");
    throw new UpdateFailed(errorMessage(observer, error));
  }
}

/** Returns the errors of a failed run, one line each. */
export function errorMessage(observer: UpdateObserver, error: unknown): string {
  if (observer.problems.length > 0) return [...new Set(observer.problems)].join("\n");
  return error instanceof Error ? error.message : String(error);
}
