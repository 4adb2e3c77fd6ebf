import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation";

import type { Step } from "../progress";
import { cleanPendingCreations } from "./pending";

/** A failed run of Pulumi. The message contains the errors of its resources; Pulumi masks secrets. */
export class UpdateFailed extends Error {}

const stripMarkup = (text: string): string => text.replace(/<\{%[^%]*%\}>/g, "").trim();
const shortName = (urn: string): string => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "");

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
    if (diagnosticEvent?.severity === "error") {
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

/**
 * Runs `pulumi up` on a stack with a policy pack.
 *
 * @returns the outputs of the stack, including secrets
 */
export async function update(stack: Stack, policyPack: string, step: Step): Promise<OutputMap> {
  const observer = new UpdateObserver(step);
  try {
    const { outputs, summary } = await stack.up({
      onEvent: observer.onEvent,
      color: "never",
      suppressProgress: true,
      policyPacks: [policyPack],
    });
    if (observer.interrupted) await cleanPendingCreations(stack);
    const changes = (summary.resourceChanges ?? {}) as Record<string, number>;
    const total = Object.values(changes).reduce((sum, n) => sum + n, 0);
    step.done(`${total} resources, ${total - (changes.same ?? 0)} changed`);
    return outputs;
  } catch (error) {
    step.failed("pulumi up failed");
    throw new UpdateFailed(errorMessage(observer, error));
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

function errorMessage(observer: UpdateObserver, error: unknown): string {
  if (observer.problems.length > 0) return [...new Set(observer.problems)].join("\n");
  return error instanceof Error ? error.message : String(error);
}
