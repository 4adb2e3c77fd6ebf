import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A process that belongs to a checkout. */
export interface CheckoutProcess {
  readonly pid: number;
  /** Name of its executable. */
  readonly program: string;
  readonly arguments: readonly string[];
}

/** Finds the processes of a checkout by working directory, arguments or the mark of a Pulumi run. */
export function processesOf(folder: string): CheckoutProcess[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const [, ...rest] = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
        const environment = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
        const here =
          readlinkSync(`/proc/${entry}/cwd`).startsWith(folder) ||
          rest.some((argument) => argument.startsWith(folder)) ||
          environment.includes(`SKERRY_PULUMI_PROJECT=${folder}`);
        const program = basename(readlinkSync(`/proc/${entry}/exe`));
        return here ? [{ pid: Number(entry), program, arguments: rest }] : [];
      } catch {
        // The process has exited in the meantime.
        return [];
      }
    });
}

/** Whether a process has exited. Zombies count as exited. */
export function hasEnded(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}
