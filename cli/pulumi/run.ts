import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation";

import type { Progress, Step } from "../progress";
import { Ancestry, findClusters } from "./clusters";
import { cleanPendingCreations } from "./pending";
import { excluding, findUnreachable, probe, readResources, type UnreachableCluster } from "./unreachable";

/** A failed run of Pulumi. The message contains the errors of its resources; Pulumi masks secrets. */
export class UpdateFailed extends Error {}

const stripMarkup = (text: string): string => text.replace(/<\{%[^%]*%\}>/g, "").trim();
const shortName = (urn: string): string => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "");

/** The engine's error for the stack when resources failed and it continued. Their own errors say more. */
const SUMMARY = "update failed";

/** An error that the engine reports, for a resource or for the whole run. */
interface EngineProblem {
  readonly message: string;
  readonly urn?: string;
}

/** Observes the events of an update: reports progress and collects errors. */
export class UpdateObserver {
  readonly problems: EngineProblem[] = [];
  /** URNs of the resources that failed. */
  readonly failed = new Set<string>();
  /** Whether a previous update was interrupted. */
  interrupted = false;
  private done = 0;
  private readonly active = new Set<string>();

  constructor(private readonly step: Step) {}

  readonly onEvent = (event: EngineEvent): void => {
    const { diagnosticEvent, policyEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (policyEvent?.enforcementLevel === "mandatory") {
      this.problems.push({ message: `${policyEvent.policyName}: ${stripMarkup(policyEvent.message)}` });
    }
    if (diagnosticEvent?.severity === "warning" && diagnosticEvent.message.includes("pending operations")) {
      this.interrupted = true;
    }
    if (diagnosticEvent?.severity === "error" && stripMarkup(diagnosticEvent.message) !== SUMMARY) {
      const { urn } = diagnosticEvent;
      const prefix = urn ? `${shortName(urn)}: ` : "";
      this.problems.push({ message: `${prefix}${stripMarkup(diagnosticEvent.message)}`, ...(urn && { urn }) });
      if (urn) this.failed.add(urn);
    }
    if (resourcePreEvent && resourcePreEvent.metadata.op !== "same") this.active.add(resourcePreEvent.metadata.urn);
    const ended = resOutputsEvent?.metadata ?? resOpFailedEvent?.metadata;
    if (!ended) return;
    if (resOpFailedEvent) this.failed.add(ended.urn);
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
  /** Clusters that were skipped, or that could no longer be reached during the update. */
  readonly notApplied: readonly UnreachableCluster[];
}

/** Options of {@link update}. */
export interface UpdateOptions {
  readonly policyPack: string;
  /** Whether to change clusters whose APIs do not answer. */
  readonly includeUnreachable: boolean;
  readonly progress: Progress;
}

/**
 * Runs `pulumi up` on a stack with a policy pack. Clusters that cannot be reached are skipped. If one is lost during the
 * update, the others are still updated completely.
 *
 * @throws UpdateFailed with the errors of all other resources, if any
 */
export async function update(stack: Stack, options: UpdateOptions): Promise<Update> {
  const { policyPack, includeUnreachable, progress } = options;
  const before = await readResources(stack);
  const skipped = includeUnreachable ? [] : await findUnreachable(before, progress);
  const step = progress.start("pulumi up", "starting");
  const observer = new UpdateObserver(step);
  const ancestry = new Ancestry(before);
  try {
    const { outputs, summary } = await stack.up({
      onEvent: (event) => {
        observer.onEvent(event);
        ancestry.onEvent(event);
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
    return { outputs, notApplied: skipped };
  } catch (error) {
    step.failed("pulumi up failed");
    const failed = [...observer.failed];
    const clusters = findClusters(await readResources(stack));
    const affected = new Set(failed.map((urn) => ancestry.findCluster(urn, clusters)));
    const lost = await probe(clusters.filter((cluster) => affected.has(cluster)));
    const isLost = (urn: string): boolean =>
      lost.some(({ urn: found }) => found === ancestry.findCluster(urn, clusters)?.urn);
    const others = observer.problems.filter(({ urn }) => urn === undefined || !isLost(urn));
    if (failed.length === 0 || others.length > 0)
      throw new UpdateFailed(errorMessage(others.length > 0 ? others : observer.problems, error));
    return { outputs: await stack.outputs(), notApplied: [...skipped, ...lost] };
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
    throw new UpdateFailed(errorMessage(observer.problems, error));
  }
}

function errorMessage(problems: readonly EngineProblem[], error: unknown): string {
  if (problems.length > 0) return [...new Set(problems.map(({ message }) => message))].join("\n");
  return error instanceof Error ? error.message : String(error);
}
