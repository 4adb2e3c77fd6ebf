import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import type { Stack } from "@pulumi/pulumi/automation";

import { projectRoot, skerryHome } from "../folders";
import type { Resolved } from "../tools/resolve";
import { pulumiEnvironment } from "./environment";

/** The stack of that name, made if it is not there, with the engine that was resolved. */
export async function openStack(engine: readonly Resolved[], name: string): Promise<Stack> {
  const envVars = pulumiEnvironment(engine, name);
  // The Automation API starts `pulumi` from this process's PATH, and its children inherit the rest.
  Object.assign(process.env, envVars);
  // It is large: only verbs that run Pulumi load it.
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  return LocalWorkspace.createOrSelectStack({ stackName: name, workDir: projectRoot() }, { envVars });
}

/** Whether stack `local` was ever made in this project. */
export const localStackExists = (): boolean => existsSync(join(skerryHome, "state", ".pulumi", "stacks"));

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Releases a lock of the file backend whose process is gone. A lock of a living process, or of another host, stays.
 * @returns whether there was one to release
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
  if (locks.length === 0 || locks.some((lock) => lock.hostname !== hostname() || alive(lock.pid))) return false;
  await stack.cancel();
  return true;
}
