import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a command took. */
export interface Cost {
  /** Seconds of processor, user's and system's. */
  readonly cpu: number;
  /** Seconds from start to end, on a machine that may do something else too. */
  readonly wall: number;
  /** Peak resident memory, MiB. */
  readonly memory: number;
  readonly code: number;
  readonly output: string;
}

/** Ticks of Linux's clock in a second, in which /proc counts. */
const TICKS = 100;

/** Runs a command on one core, and reads what it took from /proc until it ends. Linux alone. */
export function run(
  command: string,
  args: readonly string[],
  { env = {}, cwd }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn("taskset", ["-c", "0", command, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, GOMAXPROCS: "1", NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let cpu = 0;
    let memory = 0;
    const look = (): void => {
      try {
        // The name stands in brackets and may hold anything.
        const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
        memory =
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? memory * 1024) / 1024;
      } catch {
        // It has just ended.
      }
    };
    const timer = setInterval(look, 5);
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output += text.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      resolve({ cpu, wall: (performance.now() - started) / 1000, memory, code: code ?? 1, output });
    });
  });
}

/** Builds a tool that is published as a Go module, at a version, into a folder. */
export function build(folder: string, module: string): void {
  const { status, stderr } = spawnSync("go", ["install", module], {
    cwd: folder,
    env: { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${module} does not build: ${stderr.slice(-2000)}`);
}
