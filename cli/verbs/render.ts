import { createRequire } from "node:module";

import type { Command } from "commander";

import type * as rendering from "../preview/render-project";
import { LOCAL_STACK } from "../project";

/** `skerry render`: writes the desired state of a fleet and its policy report. */
export function renderVerb(program: Command): void {
  program
    .command("render")
    .description("write the objects and nodes of every cluster, and the policy report, to a folder")
    .option("-s, --stack <name>", "stack whose fleet is rendered", LOCAL_STACK)
    .requiredOption("--output <folder>", "existing folder that receives rendering.json")
    .addHelpText("after", "\nNo cluster is contacted. Equal fleets write equal bytes.")
    .action(async ({ stack, output }: { stack: string; output: string }) => {
      // Charts and rules are large: other verbs do not load them.
      const load = createRequire(__filename);
      const { renderProject, writeRendering } = load("../preview/render-project") as typeof rendering;
      await writeRendering(output, await renderProject(stack));
    });
}
