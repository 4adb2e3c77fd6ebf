import type { Command } from "commander";
import pc from "picocolors";

import { elapsed } from "../progress";
import { columns } from "../table";
import { tools } from "../tools/catalogue";
import { find } from "../tools/resolve";

/** `skerry doctor`: each tool, its version and where it comes from. */
export function doctorVerb(program: Command): void {
  program
    .command("doctor")
    .description("list each tool, its version and where it comes from; check built ones for damage")
    .option("--json", "print the list as JSON")
    .addHelpText("after", "\nBuilds nothing. Exit code: 0 always; what is missing is built by the verb that needs it.")
    .action(async (options: { json?: boolean }) => {
      const found = await Promise.all(tools.map((tool) => find(tool, true)));
      const rows = tools.map((tool, index) => {
        const at = found[index];
        return {
          name: tool.name,
          version: at?.version ?? tool.version,
          origin: at?.origin ?? "missing",
          path: at?.path,
          buildSeconds: at?.buildSeconds,
          purpose: tool.purpose,
        };
      });
      if (options.json) return void process.stdout.write(`${JSON.stringify({ version: 1, tools: rows }, null, 2)}\n`);
      const lines = rows.map(({ name, version, origin, path, buildSeconds, purpose }) => [
        name,
        version,
        origin === "missing"
          ? pc.yellow("not built yet")
          : origin + (buildSeconds === undefined ? "" : ` (built in ${elapsed(0, buildSeconds * 1000)})`),
        path ?? purpose,
      ]);
      process.stdout.write(`${columns(lines)}\n`);
    });
}
