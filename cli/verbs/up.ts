import { setTimeout as sleep } from "node:timers/promises";

import type { Command } from "commander";
import pc from "picocolors";

import { collectStatus } from "../status/collect";
import { renderSummary } from "../status/render";
import type { StatusReport } from "../status/report";
import { policyPack, projectRoot } from "../folders";
import { writeKubeconfigs } from "../kubeconfigs";
import { startLab } from "../lab/daemon";
import { checkPolicy } from "../policy/preflight";
import { ConsoleProgress, elapsed, type Progress } from "../progress";
import { LOCAL_STACK } from "../project";
import { LOCAL_TOOLS, resolveEngine } from "../pulumi/environment";
import { update } from "../pulumi/run";
import { endOrphans } from "../pulumi/orphans";
import { openStack, releaseDeadLocks } from "../pulumi/stack";
import { exclusively } from "../run-lock";
import { type Resolved, resolveTools } from "../tools/resolve";

/** What a stack needs before Pulumi runs. */
async function prepare(stack: string, progress: Progress): Promise<Resolved[]> {
  if (stack !== LOCAL_STACK) return resolveEngine(progress);
  const resolved = await resolveTools(LOCAL_TOOLS, progress);
  process.stdout.write(`  tools      ${resolved.map(describe).join("   ")}\n`);
  const step = progress.start("lab", "starting");
  try {
    step.done(`running, pid ${(await startLab(resolved)).pid}`);
  } catch (error) {
    step.failed("not started");
    throw error;
  }
  return resolved;
}

const describe = ({ tool, version, origin }: Resolved): string =>
  `${tool.name.replace("pulumi-resource-kubernetes", "provider").replace("pulumi-language-nodejs", "nodejs host")} ${version} (${origin})`;

/** How long pods that run already may take to be ready again (after the lab was started anew), in ms. */
const SETTLE_MS = 60_000;

/** The status once every pod is placed and ready, or after a while as it is. */
async function settled(): Promise<StatusReport> {
  for (const deadline = Date.now() + SETTLE_MS; ; await sleep(500)) {
    const report = await collectStatus();
    const calm = report.unplaced.length === 0 && report.pods.every(({ ready }) => ready);
    if (calm || Date.now() > deadline) return report;
  }
}

/** `skerry up`: everything from tools to placed pods. */
export function upVerb(program: Command): void {
  program
    .command("up")
    .description("bring a stack up: tools, the lab (for stack local), pulumi up, kubeconfigs, status")
    .option("-s, --stack <name>", "stack to bring up", LOCAL_STACK)
    .option("--no-wait", "stop at once when another run is changing this fleet, instead of waiting")
    .addHelpText(
      "after",
      "\nExit code: 0 when every pod is placed; 1 on an error or with pods unplaced; 3 with --no-wait while another run goes on.",
    )
    .action(async ({ stack: name, wait }: { stack: string; wait: boolean }) => {
      const started = Date.now();
      await exclusively("up", wait, async () => {
        const progress = new ConsoleProgress();
        await checkPolicy(name, progress.start("policy", "checking policy"));
        endOrphans(projectRoot());
        const engine = await prepare(name, progress);
        const stack = await openStack(engine, name);
        if (name === LOCAL_STACK && (await releaseDeadLocks(stack))) {
          process.stderr.write("  released the lock of an interrupted run\n");
        }
        await writeKubeconfigs(await update(stack, policyPack, progress.start("pulumi up", "reading the program")));
      });
      const report = await settled();
      process.stdout.write(
        `${renderSummary(report, ` · ${elapsed(started)} · next: ${pc.bold("npx skerry status --watch")}`)}\n`,
      );
      if (report.unplaced.length > 0) process.exitCode = 1;
    });
}
