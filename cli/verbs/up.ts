import type { Stack } from "@pulumi/pulumi/automation";
import type { Command } from "commander";
import pc from "picocolors";

import { checkNotRestoring } from "../cluster/not-restoring";
import { checkUpgrades } from "../cluster/preflight";
import { loadFleet } from "../../fleet/reading/load";
import { checkFleet, FleetError } from "../../fleet/reading/parse";
import { renderSummary } from "../status/render";
import { renderLinksSummary } from "../status/measured-links";
import { renderEdgeSummary } from "../status/render-edge-data";
import { settle } from "../status/settle";
import { policyPack, projectRoot } from "../folders";
import { writeKubeconfigs } from "../kubeconfigs";
import { prepareStack } from "../lab/prepare-stack";
import { checkPolicy } from "../policy/preflight";
import { ConsoleProgress, elapsed } from "../progress";
import { fleetFile, LOCAL_STACK } from "../project";
import { findClusters } from "../pulumi/clusters";
import { update } from "../pulumi/run";
import { checkTakenOver } from "../pulumi/split";
import { EXIT_UNREACHABLE, readResources } from "../pulumi/unreachable";
import { terminateOrphans } from "../pulumi/orphans";
import { checkServers } from "../pulumi/server-risks";
import { openStack, releaseDeadLocks } from "../pulumi/stack";
import { runExclusively } from "../run-lock";
import { findSettings } from "../stack-settings";

/** Checks that a stack with some clusters of a fleet does not delete those that other stacks take over. */
async function checkSplit(stack: Stack, name: string): Promise<void> {
  const settings = findSettings(name);
  if (!settings.clusters) return;
  const loaded = await loadFleet(fleetFile(projectRoot(), settings.environment));
  const checked = loaded.ok ? checkFleet(loaded.value) : loaded;
  if (!checked.ok) throw new FleetError(checked.problems);
  const names = checked.fleet.clusters.map((cluster) => cluster.name);
  checkTakenOver(settings, name, findClusters(await readResources(stack)), names);
}

interface UpOptions {
  readonly stack: string;
  readonly wait: boolean;
  readonly includeUnreachable?: boolean;
}

/** `skerry up`: creates or updates a fleet, from the tools to the placed pods. */
export function upVerb(program: Command): void {
  program
    .command("up")
    .description("create or update a stack: tools, lab (for stack local), pulumi up, kubeconfigs, status")
    .option("-s, --stack <name>", "name of the stack", LOCAL_STACK)
    .option("--no-wait", "fail instead of waiting if another run is changing this fleet")
    .option("--include-unreachable", "also change clusters whose APIs do not answer, to repair their machines")
    .addHelpText(
      "after",
      "\nExit code: 0 if every pod is placed; 1 on errors or unplaced pods; 3 if another run is active and --no-wait is set;" +
        "\n4 if unreachable clusters were not updated, and everything else was.",
    )
    .action(async ({ stack: name, wait, includeUnreachable = false }: UpOptions) => {
      const started = Date.now();
      const progress = new ConsoleProgress();
      const unreachable = await runExclusively("up", wait, async () => {
        await checkPolicy(name, progress.start("policy", "checking policy"));
        await checkUpgrades(name, progress);
        await terminateOrphans(projectRoot());
        const engine = await prepareStack(name, progress);
        const stack = await openStack(engine, name);
        if (name === LOCAL_STACK && (await releaseDeadLocks(stack))) {
          process.stderr.write("  released the lock of an interrupted run\n");
        }
        await checkNotRestoring(stack);
        await checkServers(stack);
        await checkSplit(stack, name);
        const updated = await update(stack, { policyPack, includeUnreachable, progress });
        await writeKubeconfigs(updated.outputs);
        return updated.unreachable;
      });
      const report = await settle(name === LOCAL_STACK, progress);
      process.stdout.write(
        [...renderEdgeSummary(report, new Date()), ...renderLinksSummary(report.measuredLinks)]
          .map((line) => `${line}\n`)
          .join(""),
      );
      process.stdout.write(
        `${renderSummary(report, ` · ${elapsed(started)} · next: ${pc.bold("npx skerry status --watch")}`)}\n`,
      );
      for (const { name: cluster, reason } of unreachable) {
        process.stdout.write(
          `  ${pc.red("not updated")} ${cluster} is unreachable (${reason}); the next up continues there\n`,
        );
      }
      if (report.unplaced.length > 0) process.exitCode = 1;
      else if (unreachable.length > 0) process.exitCode = EXIT_UNREACHABLE;
    });
}
