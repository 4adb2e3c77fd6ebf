import type { Command } from "commander";

import { ConsoleProgress } from "../progress";
import { tools } from "../tools/catalogue";
import { importTools } from "../tools/import";
import { resolveTools } from "../tools/resolve";

/** `skerry tools`: find every tool, build it, or take it from a release. */
export function toolsVerb(program: Command): void {
  program
    .command("tools")
    .description("find every tool, or build it from its pinned module")
    .option("--from <folder>", "take the tools of a release, unpacked there, into the cache instead (sums are checked)")
    .action(async ({ from }: { from?: string }) => {
      if (from) {
        for (const { path } of await importTools(tools, from)) process.stdout.write(`${path}\n`);
        return;
      }
      for (const { tool, path, origin } of await resolveTools(tools, new ConsoleProgress())) {
        process.stdout.write(`${tool.name} ${origin} ${path}\n`);
      }
    });
}
