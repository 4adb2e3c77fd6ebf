import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import type { Stack } from "@pulumi/pulumi/automation";

import { projectRoot, skerryHome } from "../folders";
import type { Resolved } from "../tools/resolve";
import { preparePulumiEnvironment, pulumiEnvironment } from "./environment";
import { isRunning } from "./processes";

/** Opens or creates a stack with the resolved Pulumi engine. */
export async function openStack(engine: readonly Resolved[], name: string): Promise<Stack> {
  const { workspace, options, args } = await loadWorkspace(name, preparePulumiEnvironment(engine, name));
  return workspace.createOrSelectStack(args, options);
}

/**
 * Opens a stack that exists, without creating a backend, a passphrase or the stack.
 *
 * @throws Error if the stack or its state cannot be read
 */
export async function openExistingStack(engine: readonly Resolved[], name: string): Promise<Stack> {
  const { workspace, options, args } = await loadWorkspace(name, pulumiEnvironment(engine, name));
  return workspace.selectStack(args, options);
}

async function loadWorkspace(stackName: string, envVars: Record<string, string>) {
  // The Automation API looks for `pulumi` on the PATH of this process, and its children inherit the other variables.
  Object.assign(process.env, envVars);
  // The module is large, so only commands that run Pulumi load it.
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  return { workspace: LocalWorkspace, args: { stackName, workDir: projectRoot() }, options: { envVars } };
}

/** Whether stack `local` exists in this project. */
export const localStackExists = (): boolean => existsSync(join(skerryHome, "state", ".pulumi", "stacks"));

/**
 * Releases locks of the file backend whose process has exited. Locks of running processes or of other hosts stay.
 *
 * @returns whether locks were released
 */
export async function releaseDeadLocks(stack: Stack): Promise<boolean> {
  const { name: project } = await stack.workspace.projectSettings();
  const folder = join(skerryHome, "state", ".pulumi", "locks", "organization", project, stack.name);
  if (!existsSync(folder)) return false;
  const locks = await Promise.all(
    (await readdir(folder)).map(
      async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as { pid: number; hostname: string },
    ),
  );
  if (locks.length === 0 || locks.some((lock) => lock.hostname !== hostname() || isRunning(lock.pid))) return false;
  await stack.cancel();
  return true;
}
