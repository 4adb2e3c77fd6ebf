import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { LabClient, LabNotRunning, type LabStatus } from "../../components/nodes/lab/client";
import { labState, skerryHome } from "../folders";
import type { Resolved } from "../tools/resolve";

/** How long a lab may take from start to its first answer. */
const START_TIMEOUT_MS = 60_000;

/** The lab's status, or undefined when it is not running. */
export async function labStatus(): Promise<LabStatus | undefined> {
  try {
    return await new LabClient().status();
  } catch (error) {
    if (error instanceof LabNotRunning) return undefined;
    throw error;
  }
}

/** Links the programs that the lab runs for real into the one folder where it looks for them. */
async function linkPrograms(resolved: readonly Resolved[]): Promise<string> {
  const folder = join(skerryHome, "tools");
  await mkdir(folder, { recursive: true });
  for (const { tool, path } of resolved) {
    const link = join(folder, tool.name);
    await rm(link, { force: true });
    await symlink(path, link);
  }
  return folder;
}

/** Starts the lab in the background unless it runs, and waits until it answers. */
export async function startLab(resolved: readonly Resolved[]): Promise<LabStatus> {
  const running = await labStatus();
  if (running) return running;
  const programs = await linkPrograms(resolved);
  await mkdir(labState, { recursive: true, mode: 0o700 });
  const output = join(labState, "lab.out");
  const file = await open(output, "w", 0o600);
  const recordings = process.env.SKERRY_LAB_TRACES;
  const args = [
    "serve",
    "--state-dir",
    labState,
    "--tools-dir",
    programs,
    ...(recordings ? ["--traces-dir", recordings] : []),
  ];
  const child = spawn(join(programs, "lab"), args, {
    detached: true,
    stdio: ["ignore", file.fd, file.fd],
  });
  await file.close();
  let ended: string | undefined;
  child.on("exit", (code, signal) => (ended = `it ended with ${code ?? signal}`));
  child.on("error", (error) => (ended = error.message));
  child.unref();
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
    const status = await labStatus();
    if (status) return status;
    if (ended) break;
  }
  const said = (await readFile(output, "utf8")).trim().split("\n").slice(-5).join("\n  ");
  throw new Error(`the lab did not start (${ended ?? "no answer"}); it said:\n  ${said}\nMore in ${labState}/lab.log`);
}

/** Stops the lab and everything in it; its state stays on disk. */
export async function stopLab(): Promise<boolean> {
  if (!existsSync(labState) || !(await labStatus())) return false;
  await new LabClient().stop();
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
    // One that ends may break off an answer.
    if ((await labStatus().catch(() => "ending")) === undefined) return true;
  }
  throw new Error("the lab was told to stop 30 s ago and still answers: see `npx skerry lab logs lab`");
}
