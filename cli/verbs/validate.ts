import type { Command } from "commander";
import pc from "picocolors";

import { loadFleet } from "../../fleet/reading/load";
import { checkFleet, type Problem } from "../../fleet/reading/parse";
import { findLiveDifferences } from "../adopt/live-differences";
import { formatColumns } from "../table";

function renderProblems(file: string, problems: readonly Problem[]): string {
  const heading = `${pc.red("error:")} ${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in ${file}`;
  return `${heading}\n${formatColumns(problems.map(({ path, message }) => [path, message]))}`;
}

/** `skerry validate <file>`: reports every problem of a fleet. Changes nothing. */
export function validateVerb(program: Command): void {
  program
    .command("validate <file>")
    .description("validate a fleet in a module (.ts, .js), YAML or JSON; changes nothing")
    .option("--json", "print {version, file, valid, problems} as JSON")
    .option(
      "--live",
      "also compare existing clusters, whose kubeconfigs are files, with the fleet; clusters are only read",
    )
    .addHelpText("after", "\nExit code: 0 if the fleet is valid, else 1.")
    .action(async (file: string, options: { json?: boolean; live?: boolean }) => {
      const loaded = await loadFleet(file);
      const checked = loaded.ok ? checkFleet(loaded.value) : loaded;
      const differences =
        options.live && checked.ok && "fleet" in checked ? await findLiveDifferences(checked.fleet) : [];
      for (const { path, message } of differences.filter(({ severity }) => severity === "warning")) {
        process.stderr.write(`${pc.yellow("warning:")} ${path}: ${message}\n`);
      }
      const problems = checked.ok
        ? differences
            .filter(({ severity }) => severity === "error")
            .map(({ path, message }): Problem => ({ path, message }))
        : checked.problems;
      const result = { ok: problems.length === 0 };
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ version: 1, file, valid: result.ok, problems }, null, 2)}\n`);
      } else if (result.ok) {
        process.stdout.write(`  ${file} is a valid fleet\n`);
      } else {
        process.stderr.write(`${renderProblems(file, problems)}\n`);
      }
      if (!result.ok) process.exitCode = 1;
    });
}
