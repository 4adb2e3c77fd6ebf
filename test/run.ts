/**
 * Runs every test suite in sequence. The last line is the total, `N passed, N failed`.
 *
 *   npx tsx test/run.ts [--fast] [suite ...]
 *
 * `--fast` skips suites that need the lab, install packages or take minutes, and runs Go tests with `-short`. A check without a test runner counts as one test.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

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
  /** Whether the suite may run at the same time as the suites beside it in the list. */
  readonly concurrent?: boolean;
  /** Installs what the suite needs. Returns why its tests are skipped, or undefined if they can run. */
  prepare?(): string | undefined;
  run(): Promise<Count>;
}

/** Whether to skip what takes long. */
const fast = process.argv.includes("--fast");
const root = join(__dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "skerry-test-"));
/** Flags of the lab's build, so that tests share its build cache. */
const goFlags = compilerFlags(tool("lab").build);

interface ExecuteOptions {
  /** @default - the root of the repository */
  readonly cwd?: string;
  /** Variables in addition to those of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called for each line of standard output. @default - prints it */
  readonly onLine?: (line: string) => void;
  /** Called for each line of standard error. @default - prints it */
  readonly onErrorLine?: (line: string) => void;
}

function execute(command: string, args: readonly string[], options: ExecuteOptions = {}): Promise<number> {
  const { cwd = root, env = {}, onLine = (line) => console.log(line) } = options;
  const { onErrorLine = (line) => console.error(line) } = options;
  const child = spawn(command, [...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  createInterface(child.stdout).on("line", onLine);
  createInterface(child.stderr).on("line", onErrorLine);
  return new Promise((resolve, reject) => child.on("error", reject).on("close", (code) => resolve(code ?? 1)));
}

/** Lines of a failed test's message that are repeated at the end. */
const FAILURE_LINES = 30;

/** Failed tests of all suites, repeated at the end: a log of CI is long, and often cut. */
const failures: string[] = [];

function recordFailure(test: string, message: string): void {
  const lines = stripVTControlCharacters(message).trim().split("\n");
  const rest = lines.length - FAILURE_LINES;
  const shown = [...lines.slice(0, FAILURE_LINES), ...(rest > 0 ? [`… ${rest} more lines above`] : [])];
  failures.push([`✗ ${test}`, ...shown.map((line) => `    ${line}`)].join("\n"));
}

/** A report of jest, as far as it is read here. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function recordJestFailures({ testResults }: JestReport): void {
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(root, name);
    const failed = assertionResults.filter((each) => each.status === "failed");
    for (const { fullName, failureMessages } of failed)
      recordFailure(`${file}: ${fullName}`, failureMessages.join("\n"));
    if (status === "failed" && failed.length === 0) recordFailure(file, message);
  }
}

/** Runs a command as a single test, and prints its output when it has ended. */
const check = (name: string, command: string, args: string[], options: ExecuteOptions = {}): Suite => ({
  name,
  concurrent: true,
  run: async () => {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    const code = await execute(command, args, { ...options, onLine, onErrorLine: onLine });
    if (lines.length > 0) console.log(`${name}:\n${lines.join("\n")}`);
    if (code === 0) return { passed: 1, failed: 0, skipped: 0 };
    recordFailure(name, lines.join("\n"));
    return { passed: 0, failed: 1, skipped: 0 };
  },
});

/** Runs jest on one folder. `workers` files run at the same time; by default, one per processor. */
const jest = (
  folder: string,
  {
    slow = false,
    workers = availableParallelism(),
    prepare,
  }: Pick<Suite, "slow" | "prepare"> & { readonly workers?: number } = {},
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
      `--maxWorkers=${workers}`,
    ];
    // Jest prints its report on standard error, and --json repeats it on standard output.
    const code = await execute("npx", args, { onLine: () => undefined });
    const report = JSON.parse(readFileSync(file, "utf8")) as JestReport;
    recordJestFailures(report);
    const count = {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests,
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
    const code = await execute("go", ["test", "-json", ...(fast ? ["-short"] : []), ...goFlags, ...packages], {
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
        if (Action === "fail") {
          const text = (output.get(key) ?? []).join("");
          console.log(text);
          if (Test) recordFailure(key, text);
        }
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

const programs = readdirSync(join(root, "runtime", "cmd"));
/** The programs whose tests run them as processes, and wait most of the time. */
const agents = ["edge-agent", "edge-ingest", "node-agent", "site-sync"];
const packagesOf = (names: readonly string[]): string[] => names.map((name) => `./cmd/${name}/...`);

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
  check("go vet", "go", ["vet", ...goFlags, "./..."], { cwd: join(root, "runtime"), env: goEnvironment }),
  check("go vet, bench", "go", ["vet", "./..."], { cwd: join(root, "bench", "outbox"), env: goEnvironment }),
  jest("unit"),
  goTest("go test", ["./pkg/...", "./apis/...", ...packagesOf(programs.filter((name) => !agents.includes(name)))]),
  goTest("go test, drivers", ["-tags=modbus,onewire", "./pkg/edgeagent/config", "./pkg/edgeagent/sensors"]),
  goTest("go test, toolchain", ["./..."], { module: "toolchain/plugin-args" }),
  goTest("go test, agents", packagesOf(agents), { slow: true }),
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

/** A suite that has ended. */
interface Result {
  readonly count: Count;
  readonly line: string;
}

async function runSuite(suite: Suite): Promise<Result> {
  const reason = suite.prepare?.();
  const started = Date.now();
  const count = await suite.run();
  const { passed, failed, skipped } = count;
  const numbers = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
  const name = `${failed > 0 ? "✗" : "✓"} ${suite.name.padEnd(18)}`;
  return { count, line: `  ${name} ${numbers} (${elapsed(started)})${reason === undefined ? "" : `: ${reason}`}` };
}

/** Groups suites that stand side by side and may run at the same time. */
function groupSuites(list: readonly Suite[]): Suite[][] {
  const groups: Suite[][] = [];
  for (const suite of list) {
    const group = groups.at(-1);
    if (suite.concurrent && group?.at(-1)?.concurrent) group.push(suite);
    else groups.push([suite]);
  }
  return groups;
}

/** Runs suites, as many at the same time as there are processors. Returns their results in the order of the suites. */
async function runGroup(group: readonly Suite[]): Promise<Result[]> {
  console.log(`\n── ${group.map(({ name }) => name).join(", ")}`);
  const results: Result[] = [];
  const waiting = [...group.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await runSuite(next[1]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

async function main(): Promise<void> {
  const selected = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
  const chosen = suites.filter(
    ({ name, slow }) => !(fast && slow) && (selected.length === 0 || selected.includes(name)),
  );
  const results: Result[] = [];
  for (const group of groupSuites(chosen)) results.push(...(await runGroup(group)));
  rmSync(scratch, { recursive: true, force: true });
  const total = (key: keyof Count): number => results.reduce((sum, { count }) => sum + count[key], 0);
  const summary = results.map(({ line }) => line);
  if (total("skipped") > 0) summary.push(`  ${total("skipped")} skipped because their requirements are not installed`);
  if (failures.length > 0) console.log(`\n── failures\n${failures.join("\n")}`);
  console.log(`\n${summary.join("\n")}\n`);
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  process.exitCode = total("failed") > 0 ? 1 : 0;
}

void main();
