import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { Command } from "commander";

import { projectRoot, skerryHome } from "../folders";
import { startLab, stopLab } from "../lab/daemon";
import { ConsoleProgress, elapsed } from "../progress";
import { LOCAL_STACK } from "../project";
import { localTools } from "../pulumi/environment";
import { terminateOrphans } from "../pulumi/orphans";
import { destroy } from "../pulumi/run";
import { localStackExists, openStack, releaseDeadLocks } from "../pulumi/stack";
import { runExclusively } from "../run-lock";
import { resolveTools } from "../tools/resolve";

/** `skerry down`: deletes everything that `skerry up` created for stack local. */
export function downVerb(program: Command): void {
  program
    .command("down")
    .description("destroy stack local, stop the lab and delete their state in this project (keeps built tools)")
    .option("--no-wait", "fail instead of waiting if another run is changing this fleet")
    .option("--force", "skip pulumi destroy: stop the lab and delete its state")
    .action(async ({ wait, force }: { wait: boolean; force?: boolean }) => {
      if (!existsSync(skerryHome)) return void process.stdout.write("  nothing to delete\n");
      const started = Date.now();
      await runExclusively("down", wait, async () => {
        const progress = new ConsoleProgress();
        await terminateOrphans(projectRoot());
        if (!force && localStackExists()) {
          const engine = await resolveTools(localTools(), progress);
          await startLab(engine);
          const stack = await openStack(engine, LOCAL_STACK);
          await releaseDeadLocks(stack);
          await destroy(stack, progress.start("pulumi destroy", "starting"));
          await stack.workspace.removeStack(LOCAL_STACK);
        }
        await stopLab();
        for (const part of ["lab", "kubeconfig", "state", "tools", "pulumi", "passphrase"]) {
          await rm(join(skerryHome, part), { recursive: true, force: true });
        }
        await rm(join(projectRoot(), "Pulumi.local.yaml"), { force: true });
      });
      await rm(skerryHome, { recursive: true, force: true });
      process.stdout.write(`  deleted the local fleet · ${elapsed(started)}\n`);
    });
}
