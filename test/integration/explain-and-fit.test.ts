import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import type { ExplanationReport } from "../../preview/explanation";
import type { FitReport } from "../../preview/fit";

const root = join(__dirname, "..", "..");
const run = promisify(execFile);

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command on the local fleet, with the placement simulator, which it builds if necessary. */
async function skerry(...args: readonly string[]): Promise<Answer> {
  try {
    const env = { ...process.env, NO_COLOR: "1" };
    const { stdout, stderr } = await run(join(root, "bin", "skerry"), [...args], {
      cwd: root,
      env,
      maxBuffer: 1 << 26,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Answer;
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr };
  }
}

async function ask<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await skerry(...args, "--format", "json");
  if (code === 1) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

/** The first run may build the simulator. */
const TIMEOUT = 20 * 60_000;

/** The commands in a page with what they print. An output that ends in `…` is cut there. */
function readExamples(page: string): { readonly command: string; readonly output: string }[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```\n\$ npx skerry (.*)\n([^]*?)^```$/gm)].map(([, command, output]) => ({
    command: command!,
    output: output!,
  }));
}

const examples = readExamples("docs/explain-and-fit.md");

test("the guide has examples of both verbs", () => {
  expect(new Set(examples.map(({ command }) => command.split(" ")[0]))).toEqual(new Set(["explain", "fit"]));
});

test.each(examples)(
  "the guide says what `skerry $command` prints",
  async ({ command, output }) => {
    const { code, stdout } = await skerry(...command.split(" "));
    expect(code).toBe(0);
    if (output.endsWith("…\n")) expect(stdout.startsWith(output.slice(0, -2))).toBe(true);
    else expect(stdout).toBe(output);
  },
  TIMEOUT,
);

test(
  "explain accounts for every node of a cluster, for pods of both schedulers",
  async () => {
    const targets = [
      ["deployment/dashboard", "edge-scheduler"],
      ["daemonset/sensor-gateway", "default-scheduler"],
      ["statefulset/tokyo-mqtt", "edge-scheduler"],
    ] as const;
    for (const [target, scheduler] of targets) {
      const report = await ask<ExplanationReport>("explain", target, "--cluster", "tokyo");
      const named = [...report.feasible, ...report.rejected].flatMap(({ nodes }) => nodes);
      expect(named.sort()).toEqual(report.nodes.map(({ name }) => name).sort());
      expect(report.scheduler).toBe(scheduler);
      for (const { total, plugins } of report.feasible)
        expect(plugins.reduce((sum, { score }) => sum + score, 0)).toBe(total);
    }
  },
  TIMEOUT,
);

test(
  "a pod that explain finds by its name is explained like its workload",
  async () => {
    const workload = await ask<ExplanationReport>("explain", "deployment/dashboard", "--cluster", "tokyo");
    const pod = await ask<ExplanationReport>("explain", workload.pod!, "--cluster", "tokyo");
    expect(pod.subject.kind).toBe("Pod");
    expect([pod.node, pod.feasible, pod.rejected]).toEqual([workload.node, workload.feasible, workload.rejected]);
  },
  TIMEOUT,
);

test(
  "as many pods fit as fit says, and not one more",
  async () => {
    const target = "deployment/anomaly-detector-tokyo";
    const { rounds, clusters } = await ask<FitReport>("fit", target, "--max");
    expect(clusters.map(({ cluster }) => cluster)).toEqual(["tokyo"]);
    expect(Object.values(clusters[0]!.placed).reduce((sum, pods) => sum + pods, 0)).toBe(rounds);
    expect((await skerry("fit", `${target}=${rounds}`)).code).toBe(0);
    const more = await skerry("fit", `${target}=${rounds + 1}`);
    expect(more.code).toBe(2);
    expect(more.stdout).toContain(
      `Of ${rounds + 1} more pods of Deployment telemetry/anomaly-detector-tokyo, ${rounds} fit`,
    );
  },
  TIMEOUT,
);

test(
  "a pool whose taint the pods do not tolerate does not help, and the answer names the taint",
  async () => {
    const { code, stdout } = await skerry(
      ...["fit", "deployment/dashboard", "--max", "--cluster", "tokyo", "--add-pool", "pool=tokyo-gw,count=2"],
    );
    expect(code).toBe(0);
    expect(stdout).toContain("no more pods fit");
    expect(stdout).toContain("→ tolerate the taint dedicated=iot:NoSchedule");
  },
  TIMEOUT,
);

test.each([
  [["explain", "deployment/dashboard"], "deployment/dashboard --namespace telemetry --cluster tokyo"],
  [["explain", "deployment/dashbord"], 'did you mean "deployment/dashboard"?'],
  [["explain", "dashboard", "--cluster", "tokio"], '--cluster: unknown cluster "tokio": did you mean "tokyo"?'],
  [["fit", "daemonset/sensor-gateway"], "skerry explain daemonset/sensor-gateway"],
  [["fit", "dashboard", "--add-pool", "region=tokio,count=1"], "--add-pool: no cluster has nodes in region tokio"],
])(
  "skerry %j fails and says what is possible",
  async (args, message) => {
    const { code, stdout, stderr } = await skerry(...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
  },
  TIMEOUT,
);
