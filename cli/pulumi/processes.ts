import { existsSync, readFileSync } from "node:fs";

/** Fields of /proc/<pid>/stat after the program's name (proc(5)): the state is the third, the start time the 22nd. */
const STATE = 0;
const START_TIME = 19;

/** States of a process that has exited and that its parent has not yet collected. It still answers to `kill(pid, 0)`. */
const EXITED = new Set(["Z", "X"]);

function readStat(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined;
  }
}

/** Returns the start time of a running process in clock ticks since boot, or undefined if it has exited. */
export function startTime(pid: number): string | undefined {
  const stat = readStat(pid);
  return stat === undefined || EXITED.has(stat[STATE]!) ? undefined : stat[START_TIME];
}

/**
 * Reports whether a process runs. One that has exited does not, even while its parent has not collected it: in a
 * container whose first process collects no orphans, that may be forever.
 */
export function isRunning(pid: number): boolean {
  if (existsSync("/proc/self/stat")) return startTime(pid) !== undefined;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
