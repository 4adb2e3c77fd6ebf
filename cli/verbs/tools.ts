import type { Command } from "commander";

import { ConsoleProgress } from "../progress";
import { tools } from "../tools/catalogue";
import { importTools } from "../tools/import";
import { resolveTools } from "../tools/resolve";

/** `skerry tools`: finds or builds every tool, or imports the tools of a release. */
export function toolsVerb(program: Command): void {
  program
    .command("tools")
    .description("find every tool, and build missing ones from pinned Go modules")
    .option(
      "--from <folder>",
      "instead import the unpacked tools of a release into the cache, and verify their checksums",
    )
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
