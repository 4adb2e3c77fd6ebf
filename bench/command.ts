import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The resources that a command used. */
export interface Cost {
  /** CPU seconds (user and system). */
  readonly cpu: number;
  /** Wall-clock seconds. Other processes on the machine affect them. */
  readonly wall: number;
  /** Peak resident memory, MiB. */
  readonly memory: number;
  readonly code: number;
  readonly output: string;
}

/** Clock ticks per second in /proc. */
const TICKS = 100;

/** Options of {@link run}. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /**
   * Use all cores instead of one.
   *
   * @default false
   */
  readonly allCores?: boolean;
}

/** Runs a command and samples its resource usage from /proc. Works on Linux only. */
export function run(
  command: string,
  args: readonly string[],
  { env = {}, cwd, allCores = false }: RunOptions = {},
): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const [program, ...rest] = [...(allCores ? [] : ["taskset", "-c", "0"]), command, ...args];
    const child = spawn(program!, rest, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...(allCores ? {} : { GOMAXPROCS: "1" }), NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let cpu = 0;
    let memory = 0;
    const sample = (): void => {
      try {
        // The process name is in parentheses and may contain any character.
        const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
        memory =
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? memory * 1024) / 1024;
      } catch {
        // The process has just ended.
      }
    };
    const timer = setInterval(sample, 5);
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output += text.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      resolve({ cpu, wall: (performance.now() - started) / 1000, memory, code: code ?? 1, output });
    });
  });
}

/** Builds a tool from its Go module into a folder. */
export function build(folder: string, module: string): void {
  const { status, stderr } = spawnSync("go", ["install", module], {
    cwd: folder,
    env: { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`building ${module} failed: ${stderr.slice(-2000)}`);
}
