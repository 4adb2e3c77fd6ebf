import type { Command } from "commander";
import pc from "picocolors";

import { loadFleet } from "../../fleet/reading/load";
import { checkFleet, type Problem } from "../../fleet/reading/parse";
import { columns } from "../table";

function render(file: string, problems: readonly Problem[]): string {
  const heading = `${pc.red("error:")} ${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in ${file}`;
  return `${heading}\n${columns(problems.map(({ path, message }) => [path, message]))}`;
}

/** `skerry validate <file>`: every problem of a fleet at once; touches nothing. */
export function validateVerb(program: Command): void {
  program
    .command("validate <file>")
    .description("check a fleet in a typed module (.ts, .js), YAML or JSON; nothing is touched")
    .option("--json", "print {version, file, valid, problems} as JSON")
    .addHelpText("after", "\nExit code: 0 when the fleet is valid, 1 with every problem listed when it is not.")
    .action(async (file: string, options: { json?: boolean }) => {
      const loaded = await loadFleet(file);
      const result = loaded.ok ? checkFleet(loaded.value) : loaded;
      const problems = result.ok ? [] : result.problems;
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ version: 1, file, valid: result.ok, problems }, null, 2)}\n`);
      } else if (result.ok) {
        process.stdout.write(`  ${file} is a valid fleet\n`);
      } else {
        process.stderr.write(`${render(file, problems)}\n`);
      }
      if (!result.ok) process.exitCode = 1;
    });
}
