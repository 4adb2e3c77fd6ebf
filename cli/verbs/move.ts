import type { Stack } from "@pulumi/pulumi/automation";
import type { Command } from "commander";

import { ConsoleProgress } from "../progress";
import { resolveEngine } from "../pulumi/environment";
import { moveCluster, type State } from "../pulumi/move-cluster";
import { openExistingStack, openStack } from "../pulumi/stack";
import { runExclusively } from "../run-lock";

async function exportState(stack: Stack) {
  const exported = await stack.exportStack();
  const { name: project } = await stack.workspace.projectSettings();
  // The deployment of a stack without updates is null.
  return { exported, stackState: { stack: stack.name, project, state: (exported.deployment ?? {}) as State } };
}

/** `skerry move <cluster>`: moves a deployed cluster to another stack, to split an environment. */
export function moveVerb(program: Command): void {
  program
    .command("move <cluster>")
    .description("move a deployed cluster from the state of one stack to that of another; changes no resource")
    .requiredOption("--from <stack>", "stack that has deployed the cluster")
    .requiredOption("--to <stack>", "stack of the same project, created if it does not exist")
    .option("--no-wait", "fail instead of waiting if another run is changing this fleet")
    .addHelpText("after", "\nThen set skerry:clusters of both stacks, and run skerry up for each.")
    .action(async (cluster: string, { from, to, wait }: { from: string; to: string; wait: boolean }) => {
      await runExclusively("move", wait, async () => {
        const engine = await resolveEngine(new ConsoleProgress());
        const source = await openExistingStack(engine, from);
        const target = await openStack(engine, to);
        const before = { from: await exportState(source), to: await exportState(target) };
        const moved = moveCluster(cluster, before.from.stackState, before.to.stackState);
        // The target first: if this is interrupted, both stacks know the cluster, and none has lost it.
        await target.importStack({ ...before.to.exported, deployment: moved.to });
        await source.importStack({ ...before.from.exported, deployment: moved.from });
      });
      process.stdout.write(`  moved cluster ${cluster} from stack ${from} to stack ${to}\n`);
    });
}
