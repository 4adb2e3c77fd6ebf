import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { check, lock } from "proper-lockfile";

import { skerryHome } from "./folders";

/** Another process is changing the fleet of this project. */
export class FleetLocked extends Error {
  readonly exitCode = 3;
}

interface Holder {
  readonly pid: number;
  readonly verb: string;
  readonly since: string;
}

const file = join(skerryHome, "run");

async function describeHolder(): Promise<string> {
  try {
    const { verb, pid, since } = JSON.parse(await readFile(file, "utf8")) as Holder;
    return `"skerry ${verb}" (pid ${pid}, since ${since})`;
  } catch {
    return "another run";
  }
}

const OPTIONS = { realpath: false, stale: 10_000, update: 3_000 };

/** Describes the `up` or `down` of this project that is running; undefined if there is none. Changes nothing. */
export async function describeRunning(): Promise<string | undefined> {
  return existsSync(skerryHome) && (await check(file, OPTIONS)) ? describeHolder() : undefined;
}

/**
 * Runs `work` while no other `up` or `down` of this project runs. If another one runs, prints which one and waits, or
 * throws {@link FleetLocked} if `wait` is false. The lock of a killed process expires after ten seconds.
 */
export async function runExclusively<T>(verb: string, wait: boolean, work: () => Promise<T>): Promise<T> {
  await mkdir(skerryHome, { recursive: true, mode: 0o700 });
  if (await check(file, OPTIONS)) {
    if (!wait)
      throw new FleetLocked(`${await describeHolder()} is changing this fleet; try again when it has finished`);
    process.stderr.write(`  waiting for ${await describeHolder()} to finish\n`);
  }
  const release = await lock(file, {
    ...OPTIONS,
    retries: wait ? { forever: true, minTimeout: 1_000, maxTimeout: 1_000, factor: 1 } : 0,
    onCompromised: () => undefined,
  });
  try {
    await writeFile(file, JSON.stringify({ pid: process.pid, verb, since: new Date().toISOString() } satisfies Holder));
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}
