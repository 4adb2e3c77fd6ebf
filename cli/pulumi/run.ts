import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation";

import type { Step } from "../progress";
import { forgetCompletedCreations } from "./pending";

/** Pulumi failed; the message holds what its resources said, without secrets (the engine masks them). */
export class UpdateFailed extends Error {}

const plain = (text: string): string => text.replace(/<\{%[^%]*%\}>/g, "").trim();
const shortName = (urn: string): string => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "");

/** Follows an update: says what is being worked on, and keeps the errors. */
export class Follower {
  readonly problems: string[] = [];
  /** An update before this one was interrupted. */
  interrupted = false;
  private done = 0;
  private readonly active = new Set<string>();

  constructor(private readonly step: Step) {}

  readonly onEvent = (event: EngineEvent): void => {
    const { diagnosticEvent, policyEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (policyEvent?.enforcementLevel === "mandatory") {
      this.problems.push(`${policyEvent.policyName}: ${plain(policyEvent.message)}`);
    }
    if (diagnosticEvent?.severity === "warning" && diagnosticEvent.message.includes("pending operations")) {
      this.interrupted = true;
    }
    if (diagnosticEvent?.severity === "error") {
      const about = diagnosticEvent.urn ? `${shortName(diagnosticEvent.urn)}: ` : "";
      this.problems.push(`${about}${plain(diagnosticEvent.message)}`);
    }
    if (resourcePreEvent && resourcePreEvent.metadata.op !== "same") this.active.add(resourcePreEvent.metadata.urn);
    const ended = resOutputsEvent?.metadata ?? resOpFailedEvent?.metadata;
    if (!ended) return;
    this.active.delete(ended.urn);
    this.done += 1;
    const now = [...this.active].slice(-2).map(shortName).join(", ");
    this.step.update(`${this.done} resources${now ? `, now ${now}` : ""}`);
  };
}

/**
 * `pulumi up` on a stack, with a policy pack on.
 *
 * @returns the stack's outputs, with their secrets
 */
export async function update(stack: Stack, policyPack: string, step: Step): Promise<OutputMap> {
  const follower = new Follower(step);
  try {
    const { outputs, summary } = await stack.up({
      onEvent: follower.onEvent,
      color: "never",
      suppressProgress: true,
      policyPacks: [policyPack],
    });
    if (follower.interrupted) await forgetCompletedCreations(stack);
    const changes = (summary.resourceChanges ?? {}) as Record<string, number>;
    const total = Object.values(changes).reduce((sum, n) => sum + n, 0);
    step.done(`${total} resources, ${total - (changes.same ?? 0)} changed`);
    return outputs;
  } catch (error) {
    step.failed("pulumi up stopped");
    throw new UpdateFailed(reason(follower, error));
  }
}

/** `pulumi destroy` on a stack. */
export async function destroy(stack: Stack, step: Step): Promise<void> {
  const follower = new Follower(step);
  try {
    await stack.destroy({ onEvent: follower.onEvent, color: "never", suppressProgress: true });
    step.done("destroyed");
  } catch (error) {
    step.failed("pulumi destroy stopped");
    throw new UpdateFailed(reason(follower, error));
  }
}

function reason(follower: Follower, error: unknown): string {
  if (follower.problems.length > 0) return [...new Set(follower.problems)].join("\n");
  return error instanceof Error ? error.message : String(error);
}
