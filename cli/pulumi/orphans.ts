import { readdirSync, readFileSync } from "node:fs";

/** Environment variable that marks all processes of one run of Pulumi. */
export const OWNER = "SKERRY_PULUMI_OWNER";

/** Processes that Pulumi starts: providers, language hosts, programs and policy packs. */
const CHILDREN = /pulumi-resource-|pulumi-language-|@pulumi\/pulumi\/cmd\/|dynamic-provider|^tsx\/cjs$/;

/** Returns the mark of a run: its process ID and start time, because process IDs are reused. */
export const ownerMark = (pid: number = process.pid): string => `${pid}@${startTime(pid) ?? "unknown"}`;

/** Returns the start time of a process in clock ticks since boot (proc(5), field 22), or undefined if it has exited. */
function startTime(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19];
  } catch {
    return undefined;
  }
}

const readWords = (file: string): string[] => {
  try {
    return readFileSync(file, "utf8").split("\0");
  } catch {
    return [];
  }
};

/**
 * Terminates the processes that a killed run of Pulumi left behind. Only processes whose owner has exited are
 * terminated. Does nothing on systems without /proc.
 *
 * @param project folder of the project that the run belonged to
 * @returns the number of terminated processes
 */
export function terminateOrphans(project: string): number {
  let pids: string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  const orphans = pids.map(Number).filter((pid) => {
    const environment = readWords(`/proc/${pid}/environ`);
    const mark = environment.find((entry) => entry.startsWith(`${OWNER}=`));
    if (!mark || !environment.includes(`SKERRY_PULUMI_PROJECT=${project}`)) return false;
    const recorded = mark.slice(OWNER.length + 1);
    const isChild = readWords(`/proc/${pid}/cmdline`).some((word) => CHILDREN.test(word));
    return isChild && ownerMark(Number.parseInt(recorded, 10)) !== recorded;
  });
  for (const pid of orphans) {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // The process has exited in the meantime.
    }
  }
  return orphans.length;
}
