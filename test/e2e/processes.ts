import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A process that works for a checkout. */
export interface CheckoutProcess {
  readonly pid: number;
  /** File name of its program. */
  readonly program: string;
  readonly arguments: readonly string[];
}

/** The processes that work for a checkout: in its folder, on its files, or for a run of Pulumi there. */
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
        // It ended meanwhile.
        return [];
      }
    });
}

/** Whether a process has ended; one that its parent has not waited for has ended too. */
export function hasEnded(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}
