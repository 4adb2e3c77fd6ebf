import { readdirSync, readFileSync } from "node:fs";

/** Marks the processes of one run of Pulumi in their environment. */
export const OWNER = "SKERRY_PULUMI_OWNER";

/** What an engine starts, and a killed one leaves: providers, language hosts, programs, policy packs. */
const PARTS = /pulumi-resource-|pulumi-language-|@pulumi\/pulumi\/cmd\/|dynamic-provider|^tsx\/cjs$/;

/** What a run is marked with: its process, and when that started, for process numbers come again. */
export const owner = (pid: number = process.pid): string => `${pid}@${startTime(pid) ?? "unknown"}`;

/** When a process started, in clock ticks since the machine did (proc(5), field 22); undefined when it is gone. */
function startTime(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19];
  } catch {
    return undefined;
  }
}

const read = (file: string): string[] => {
  try {
    return readFileSync(file, "utf8").split("\0");
  } catch {
    return [];
  }
};

/**
 * Ends what a killed run of Pulumi left behind: they are told apart by their owner's mark, and only those
 * whose owner is gone are touched. Where there is no /proc, nothing is done.
 *
 * @param project the folder that the run was of
 * @returns how many were ended
 */
export function endOrphans(project: string): number {
  let pids: string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  const orphans = pids.map(Number).filter((pid) => {
    const environment = read(`/proc/${pid}/environ`);
    const mark = environment.find((entry) => entry.startsWith(`${OWNER}=`));
    if (!mark || !environment.includes(`SKERRY_PULUMI_PROJECT=${project}`)) return false;
    const stated = mark.slice(OWNER.length + 1);
    const isPart = read(`/proc/${pid}/cmdline`).some((word) => PARTS.test(word));
    return isPart && owner(Number.parseInt(stated, 10)) !== stated;
  });
  for (const pid of orphans) {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return orphans.length;
}
