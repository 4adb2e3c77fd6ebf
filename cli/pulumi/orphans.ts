import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { isRunning, startTime } from "./processes";

/** Environment variable that marks all processes of one run of Pulumi. */
export const OWNER = "SKERRY_PULUMI_OWNER";

/** Processes that Pulumi starts: providers, language hosts, programs and policy packs. */
const CHILDREN = /pulumi-resource-|pulumi-language-|@pulumi\/pulumi\/cmd\/|dynamic-provider|^tsx\/cjs$/;

/** Returns the mark of a run: its process ID and start time, because process IDs are reused. */
export const ownerMark = (pid: number = process.pid): string => `${pid}@${startTime(pid) ?? "unknown"}`;

const readWords = (file: string): string[] => {
  try {
    return readFileSync(file, "utf8").split("\0");
  } catch {
    return [];
  }
};

/** How long an engine gets to save its state, in ms, before it is interrupted again and then killed. */
const ENGINE_GRACE_MS = 10_000;

const isEngine = ([program = ""]: readonly string[]): boolean => /(^|\/)pulumi$/.test(program);

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has exited in the meantime.
  }
}

/** Waits until a process has exited; returns false if it has not after a time. */
async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50))
    if (!isRunning(pid)) return true;
  return !isRunning(pid);
}

/** Ends an engine whose command was killed: it is cancelled, then terminated, then killed. */
async function endEngine(pid: number, graceMs: number): Promise<void> {
  for (const name of ["SIGINT", "SIGINT", "SIGKILL"] as const) {
    signal(pid, name);
    if (await waitForExit(pid, graceMs)) return;
  }
}

/** A process of a run of Pulumi. */
interface RunProcess {
  readonly pid: number;
  readonly owner: string;
  readonly engine: boolean;
}

/** Finds the processes of all runs of Pulumi in a project. Finds none on systems without /proc. */
function findRunProcesses(project: string): RunProcess[] {
  let pids: string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.map(Number).flatMap((pid) => {
    const environment = readWords(`/proc/${pid}/environ`);
    const mark = environment.find((entry) => entry.startsWith(`${OWNER}=`));
    if (!mark || !environment.includes(`SKERRY_PULUMI_PROJECT=${project}`)) return [];
    const words = readWords(`/proc/${pid}/cmdline`);
    if (!isEngine(words) && !words.some((word) => CHILDREN.test(word))) return [];
    return [{ pid, owner: mark.slice(OWNER.length + 1), engine: isEngine(words) }];
  });
}

/** Terminates processes, the engine first: it ends its own children, and saves what they have done. */
async function terminate(processes: readonly RunProcess[], graceMs: number): Promise<number> {
  await Promise.all(processes.filter(({ engine }) => engine).map(({ pid }) => endEngine(pid, graceMs)));
  for (const { pid, engine } of processes) if (!engine) signal(pid, "SIGTERM");
  return processes.length;
}

/**
 * Terminates the processes that a killed run of Pulumi left behind. Only processes whose owner has exited are
 * terminated. An engine that is still alive holds the lock of its stack, and waits forever for a provider that was killed
 * between two calls. Does nothing on systems without /proc.
 *
 * @param project folder of the project that the run belonged to
 * @param graceMs time for an engine to react to each signal, in ms
 * @returns the number of terminated processes
 */
export function terminateOrphans(project: string, graceMs = ENGINE_GRACE_MS): Promise<number> {
  const isOrphan = ({ owner }: RunProcess): boolean => ownerMark(Number.parseInt(owner, 10)) !== owner;
  return terminate(findRunProcesses(project).filter(isOrphan), graceMs);
}

/** Terminates the run of Pulumi that this process started. Does nothing on systems without /proc. */
export function terminateOwnRun(project: string, graceMs = ENGINE_GRACE_MS): Promise<number> {
  const own = ownerMark();
  return terminate(
    findRunProcesses(project).filter(({ owner }) => owner === own),
    graceMs,
  );
}
