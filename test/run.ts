/**
 * Runs every test suite in sequence. The last line is the total, `N passed, N failed`.
 *
 *   npx tsx test/run.ts [--fast] [suite ...]
 *
 * `--fast` skips suites that need the lab, install packages or take minutes. A check without a test runner counts as one test.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { elapsed } from "../cli/progress";
import { tool } from "../cli/tools/catalogue";
import { compilerFlags, goEnvironment } from "../cli/tools/go-flags";
import { prepareRequirements } from "./boot/requirements";
import { missingK3s } from "./e2e-k3s/requirements";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

interface Suite {
  readonly name: string;
  /** Whether the suite needs the lab, installs packages or takes minutes. */
  readonly slow?: boolean;
  /** Installs what the suite needs. Returns why its tests are skipped, or undefined if they can run. */
  prepare?(): string | undefined;
  run(): Promise<Count>;
}

const root = join(__dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "skerry-test-"));
/** Flags of the lab's build, so that tests share its build cache. */
const goFlags = compilerFlags(tool("lab").build);

function execute(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; onLine?: (line: string) => void } = {},
): Promise<number> {
  const { cwd = root, env = {}, onLine = (line) => console.log(line) } = options;
  const child = spawn(command, [...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  createInterface(child.stdout).on("line", onLine);
  createInterface(child.stderr).on("line", (line) => console.error(line));
  return new Promise((resolve, reject) => child.on("error", reject).on("close", (code) => resolve(code ?? 1)));
}

/** Runs a command as a single test. */
const check = (name: string, command: string, args: string[], options: Parameters<typeof execute>[2] = {}): Suite => ({
  name,
  run: async () =>
    (await execute(command, args, options)) === 0
      ? { passed: 1, failed: 0, skipped: 0 }
      : { passed: 0, failed: 1, skipped: 0 },
});

/** Runs jest on one folder. `workers` files run at the same time; by default, as many as jest chooses. */
const jest = (
  folder: string,
  { slow = false, workers, prepare }: Pick<Suite, "slow" | "prepare"> & { readonly workers?: number } = {},
): Suite => ({
  name: `jest ${folder}`,
  slow,
  ...(prepare && { prepare }),
  run: async () => {
    const file = join(scratch, `${folder.replaceAll("/", "-")}.json`);
    const args = [
      "jest",
      `test/${folder}/`,
      "--json",
      `--outputFile=${file}`,
      "--passWithNoTests=false",
      // A handle that was left open must not block the following suites.
      "--forceExit",
      ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
    ];
    // Jest prints its report on standard error, and --json repeats it on standard output.
    const code = await execute("npx", args, { onLine: () => undefined });
    const report = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
    const count = {
      passed: report.numPassedTests ?? 0,
      failed: (report.numFailedTests ?? 0) + (report.numRuntimeErrorTestSuites ?? 0),
      skipped: report.numPendingTests ?? 0,
    };
    return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
  },
});

/** Runs `go test` on packages of a module: of the runtime, unless it names another. Subtests are not counted separately. */
const goTest = (name: string, packages: string[], { slow = false, module = "runtime" } = {}): Suite => ({
  name,
  slow,
  run: async () => {
    const count: Count = { passed: 0, failed: 0, skipped: 0 };
    const output = new Map<string, string[]>();
    const code = await execute("go", ["test", "-json", ...goFlags, ...packages], {
      cwd: join(root, module),
      env: goEnvironment,
      onLine: (line) => {
        if (!line.startsWith("{")) return console.log(line);
        const { Action, Package, Test, Output } = JSON.parse(line) as {
          Action: string;
          Package: string;
          Test?: string;
          Output?: string;
        };
        const key = `${Package} ${Test ?? ""}`;
        if (Output) output.set(key, [...(output.get(key) ?? []), Output]);
        if (Action === "fail") console.log((output.get(key) ?? []).join(""));
        if (Test && !Test.includes("/")) {
          if (Action === "pass") count.passed += 1;
          if (Action === "fail") count.failed += 1;
          if (Action === "skip") count.skipped += 1;
        } else if (!Test && Action === "pass") console.log(`  ok ${Package}`);
      },
    });
    return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
  },
});

const suites: readonly Suite[] = [
  check("format", "npx", ["prettier", "--check", "--log-level", "warn", "."]),
  check("gofmt", "bash", [
    "-c",
    'unformatted=$(gofmt -l runtime toolchain bench); echo -n "$unformatted"; test -z "$unformatted"',
  ]),
  check("lint", "npx", ["eslint", "."]),
  check("workflows", "make", ["--no-print-directory", "lint-workflows"]),
  check("types", "npx", ["tsc", "--noEmit", "-p", "."]),
  check("types of the report's page", "npx", ["tsc", "--noEmit", "-p", "preview/output/html/browser"]),
  check("generated files", "make", ["--no-print-directory", "verify"]),
  jest("unit"),
  check("go vet", "go", ["vet", ...goFlags, "./..."], { cwd: join(root, "runtime"), env: goEnvironment }),
  goTest("go test", ["./pkg/...", "./apis/...", "./cmd/..."]),
  check("go vet, bench", "go", ["vet", "./..."], { cwd: join(root, "bench", "outbox"), env: goEnvironment }),
  goTest("go test, toolchain", ["./..."], { module: "toolchain/plugin-args" }),
  goTest("go test, images", ["./..."], { module: "toolchain/images", slow: true }),
  jest("integration", { slow: true }),
  jest("library", { slow: true, workers: 1 }),
  goTest("go test, lab", ["./internal/..."], { slow: true }),
  // Each file has a lab of its own, in a loopback network of its own, and waits more than it computes.
  jest("e2e", { slow: true, workers: 2 }),
  jest("boot", { slow: true, workers: 1, prepare: prepareRequirements }),
  jest("e2e-k3s", { slow: true, workers: 1, prepare: missingK3s }),
  jest("e2e-aws"),
];

async function main(): Promise<void> {
  const fast = process.argv.includes("--fast");
  const selected = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const summary: string[] = [];
  for (const suite of suites) {
    if ((fast && suite.slow) || (selected.length > 0 && !selected.includes(suite.name))) continue;
    console.log(`\n── ${suite.name}`);
    const skipped = suite.prepare?.();
    const started = Date.now();
    const count = await suite.run();
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += count[key];
    summary.push(
      `  ${count.failed > 0 ? "✗" : "✓"} ${suite.name.padEnd(18)} ${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ""} (${elapsed(started)})${skipped === undefined ? "" : `: ${skipped}`}`,
    );
  }
  rmSync(scratch, { recursive: true, force: true });
  if (total.skipped > 0) summary.push(`  ${total.skipped} skipped because their requirements are not installed`);
  console.log(`\n${summary.join("\n")}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

void main();
