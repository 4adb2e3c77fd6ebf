import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { elapsed } from "../../cli/progress";

const module = join(__dirname, "..", "..", "runtime");

function execute(command: string, args: readonly string[], cwd: string, onLine: (line: string) => void): Promise<void> {
  const child = spawn(command, [...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
  });
  createInterface(child.stdout).on("line", onLine);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${command} exited with code ${code}`))));
  });
}

/** Builds `scheduling-bench`, runs it, reports its progress, and returns the JSON objects that it prints. */
export async function measure<Line>(args: readonly string[]): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), "skerry-bench-"));
  const program = join(folder, "scheduling-bench");
  const started = Date.now();
  try {
    process.stderr.write("building scheduling-bench\n");
    await execute("go", ["build", "-trimpath", "-o", program, "./cmd/scheduling-bench"], module, () => undefined);
    const lines: Line[] = [];
    let lastReport = Date.now();
    await execute(program, args, folder, (line) => {
      lines.push(JSON.parse(line) as Line);
      if (Date.now() - lastReport < 20_000) return;
      lastReport = Date.now();
      process.stderr.write(`${args[0]}: ${lines.length} results (${elapsed(started)})\n`);
    });
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Groups items by a key, in the order of the first item of each group. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
}

/** Computes the mean of values and the half-width of its 95 % confidence interval (normal approximation). */
export function computeMean(values: readonly number[]): { mean: number; halfWidth: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, halfWidth: 1.96 * Math.sqrt(variance / values.length) };
}
