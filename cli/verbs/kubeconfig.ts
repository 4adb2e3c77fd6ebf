import type { Command } from "commander";

import { kubeconfigFolder } from "../folders";
import { writeKubeconfigs } from "../kubeconfigs";
import { ConsoleProgress } from "../progress";
import { LOCAL_STACK } from "../project";
import { resolveEngine } from "../pulumi/environment";
import { openStack } from "../pulumi/stack";

/** `skerry kubeconfig`: writes the kubeconfigs of a deployed stack. */
export function kubeconfigVerb(program: Command): void {
  program
    .command("kubeconfig")
    .description("write one kubeconfig per cluster (mode 0600) from the outputs of a stack")
    .option("-s, --stack <name>", "name of the stack", LOCAL_STACK)
    .action(async ({ stack: name }: { stack: string }) => {
      const stack = await openStack(await resolveEngine(new ConsoleProgress()), name);
      for (const cluster of await writeKubeconfigs(await stack.outputs()))
        process.stdout.write(`${kubeconfigFolder}/${cluster}\n`);
    });
}
