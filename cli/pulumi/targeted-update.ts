import type { Stack } from "@pulumi/pulumi/automation";

import type { Step } from "../progress";
import { cleanPendingCreations } from "./pending";
import { errorMessage, UpdateFailed, UpdateObserver } from "./run";

/** Options of {@link updateTargets} and {@link refreshTargets}. */
export interface TargetedOptions {
  /** URNs, or patterns of them. */
  readonly targets: readonly string[];
  readonly step: Step;
}

/** Runs `work` with additional environment variables of Pulumi and its program. */
async function withVariables<T>(
  { workspace }: Stack,
  variables: Readonly<Record<string, string>>,
  work: () => Promise<T>,
) {
  const before = workspace.envVars;
  workspace.envVars = { ...before, ...variables };
  try {
    return await work();
  } finally {
    workspace.envVars = before;
  }
}

/**
 * Runs `pulumi up` for some resources of a stack. Everything else stays as it is, whatever the program says.
 *
 * @param variables environment variables of the program and its providers
 * @throws UpdateFailed with all errors
 */
export async function updateTargets(
  stack: Stack,
  { targets, step }: TargetedOptions,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const observer = new UpdateObserver(step);
  try {
    await withVariables(stack, variables, () =>
      stack.up({ target: [...targets], onEvent: observer.onEvent, color: "never", suppressProgress: true }),
    );
  } catch (error) {
    throw new UpdateFailed(errorMessage(observer, error));
  }
  if (observer.interrupted) await cleanPendingCreations(stack);
}

/** Reads resources of a stack, and records in its state what they are. */
export async function refreshTargets(stack: Stack, { targets, step }: TargetedOptions): Promise<void> {
  if (targets.length === 0) return;
  const observer = new UpdateObserver(step);
  try {
    await stack.refresh({ target: [...targets], onEvent: observer.onEvent, color: "never", suppressProgress: true });
  } catch (error) {
    throw new UpdateFailed(errorMessage(observer, error));
  }
}
