import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { LabClient, LabNotRunning, type LabStatus } from "../../components/nodes/lab/client";
import { labState, skerryHome } from "../folders";
import type { Resolved } from "../tools/resolve";
import { findMosquitto } from "./mosquitto";

/** Folder where the lab looks for the programs that it runs as processes. */
const programFolder = join(skerryHome, "tools");

/** Time limit for the lab to start, in ms. */
const START_TIMEOUT_MS = 60_000;

/** Returns the status of the lab, or undefined if it is not running. */
export async function getLabStatus(): Promise<LabStatus | undefined> {
  try {
    return await new LabClient().status();
  } catch (error) {
    if (error instanceof LabNotRunning) return undefined;
    throw error;
  }
}

/** Links programs into the folder where the lab looks for them, and Mosquitto if it is installed. */
async function linkPrograms(resolved: readonly Resolved[]): Promise<void> {
  await mkdir(programFolder, { recursive: true });
  const mosquitto = await findMosquitto();
  const programs = [
    ...resolved.map(({ tool: { name }, path }) => ({ name, path })),
    ...(mosquitto === undefined ? [] : [{ name: "mosquitto", path: mosquitto }]),
  ];
  for (const { name, path } of programs) {
    const link = join(programFolder, name);
    await rm(link, { force: true });
    await symlink(path, link);
  }
}

/** Starts the lab in the background if it is not running, and waits until it responds. */
export async function startLab(resolved: readonly Resolved[]): Promise<LabStatus> {
  const running = await getLabStatus();
  if (running) {
    // The fleet may need a program that it did not need before. Running programs stay as they are.
    await linkPrograms(resolved.filter(({ tool: { name } }) => !existsSync(join(programFolder, name))));
    return running;
  }
  await linkPrograms(resolved);
  await mkdir(labState, { recursive: true, mode: 0o700 });
  const output = join(labState, "lab.out");
  const file = await open(output, "w", 0o600);
  const recordings = process.env.SKERRY_LAB_TRACES;
  const args = [
    "serve",
    "--state-dir",
    labState,
    "--tools-dir",
    programFolder,
    ...(recordings ? ["--traces-dir", recordings] : []),
  ];
  const child = spawn(join(programFolder, "lab"), args, {
    detached: true,
    stdio: ["ignore", file.fd, file.fd],
  });
  await file.close();
  let failure: string | undefined;
  child.on("exit", (code, signal) => (failure = `exited with ${code ?? signal}`));
  child.on("error", (error) => (failure = error.message));
  child.unref();
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
    const status = await getLabStatus();
    if (status) return status;
    if (failure) break;
  }
  const lines = (await readFile(output, "utf8")).trim().split("\n").slice(-5).join("\n  ");
  throw new Error(`the lab failed to start (${failure ?? "no response"}):\n  ${lines}\nSee ${labState}/lab.log`);
}

/** Stops the lab and everything in it. Its state stays on disk. Returns false if it was not running. */
export async function stopLab(): Promise<boolean> {
  if (!existsSync(labState) || !(await getLabStatus())) return false;
  await new LabClient().stop();
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
    // A lab that is stopping may close the connection during a response.
    if ((await getLabStatus().catch(() => "stopping")) === undefined) return true;
  }
  throw new Error("the lab did not stop within 30 s; see `npx skerry lab logs lab`");
}
