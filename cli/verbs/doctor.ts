import type { Command } from "commander";
import pc from "picocolors";

import { findMosquitto } from "../lab/mosquitto";
import { elapsed } from "../progress";
import { formatColumns } from "../table";
import { tools } from "../tools/catalogue";
import { findTool } from "../tools/resolve";

/** `skerry doctor`: lists each tool with its version and origin. */
export function doctorVerb(program: Command): void {
  program
    .command("doctor")
    .description("list each tool with its version and origin, and verify the checksums of built tools")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nBuilds nothing: other commands build missing tools when they need them.\nExit code: always 0.",
    )
    .action(async (options: { json?: boolean }) => {
      const found = await Promise.all(tools.map((tool) => findTool(tool, true)));
      const rows = tools.map((tool, index) => {
        const resolved = found[index];
        return {
          name: tool.name,
          version: resolved?.version ?? tool.version,
          origin: resolved?.origin ?? "missing",
          path: resolved?.path,
          buildSeconds: resolved?.buildSeconds,
          purpose: tool.purpose,
        };
      });
      const broker = await findMosquitto();
      rows.push({
        name: "mosquitto",
        version: "",
        origin: broker === undefined ? "missing" : "PATH",
        path: broker,
        buildSeconds: undefined,
        purpose: "broker of the lab, which simulates edge data without it",
      });
      if (options.json) return void process.stdout.write(`${JSON.stringify({ version: 1, tools: rows }, null, 2)}\n`);
      const lines = rows.map(({ name, version, origin, path, buildSeconds, purpose }) => [
        name,
        version,
        origin === "missing"
          ? pc.yellow(name === "mosquitto" ? "not installed" : "not built")
          : origin + (buildSeconds === undefined ? "" : ` (built in ${elapsed(0, buildSeconds * 1000)})`),
        path ?? purpose,
      ]);
      process.stdout.write(`${formatColumns(lines)}\n`);
    });
}
