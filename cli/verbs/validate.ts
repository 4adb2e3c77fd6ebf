import type { Command } from "commander";
import pc from "picocolors";

import { loadFleet } from "../../fleet/reading/load";
import { checkFleet, type Problem } from "../../fleet/reading/parse";
import { findLiveDifferences } from "../adopt/live-differences";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";
import { checkStacks } from "../stack-settings";
import { formatColumns } from "../table";

/** The problems of one file. */
interface Validation {
  readonly file: string;
  readonly problems: readonly Problem[];
}

function renderProblems({ file, problems }: Validation): string {
  const heading = `${pc.red("error:")} ${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in ${file}`;
  return `${heading}\n${formatColumns(problems.map(({ path, message }) => [path, message]))}`;
}

/** @param live also compare existing clusters with the fleet, and print the warnings */
async function validateFleet(
  file: string,
  live = false,
): Promise<Validation & { readonly clusters?: readonly string[] }> {
  const loaded = await loadFleet(file);
  const result = loaded.ok ? checkFleet(loaded.value) : loaded;
  if (!result.ok) return { file, problems: result.problems };
  const differences = live ? await findLiveDifferences(result.fleet) : [];
  for (const { path, message } of differences.filter(({ severity }) => severity === "warning"))
    process.stderr.write(`${pc.yellow("warning:")} ${path}: ${message}\n`);
  const problems = differences
    .filter(({ severity }) => severity === "error")
    .map(({ path, message }): Problem => ({ path, message }));
  return { file, problems, clusters: result.fleet.clusters.map(({ name }) => name) };
}

/** Validates the settings of every stack of the project, and the fleets of their environments. */
async function validateProject(): Promise<Validation[]> {
  const fleets = new Map<string, Awaited<ReturnType<typeof validateFleet>>>();
  const stacks = await checkStacks(async (environment) => {
    const file = fleetFile(projectRoot(), environment);
    const validated = fleets.get(file) ?? (await validateFleet(file));
    fleets.set(file, validated);
    return validated.clusters;
  });
  const settings = [...stacks].map(([stack, problems]) => ({ file: `Pulumi.${stack}.yaml`, problems }));
  return [...fleets.values(), ...settings].map(({ file, problems }) => ({ file, problems }));
}

/** `skerry validate [file]`: reports every problem of a fleet, or of all stacks of the project. Changes nothing. */
export function validateVerb(program: Command): void {
  program
    .command("validate [file]")
    .description(
      "validate a fleet in a module (.ts, .js), YAML or JSON; without a file, the settings of all stacks and their fleets",
    )
    .option("--json", "print {version, file, valid, problems} as JSON; without a file, a list of them")
    .option(
      "--live",
      "also compare existing clusters, whose kubeconfigs are files, with the fleet; clusters are only read; requires a file",
    )
    .addHelpText("after", "\nExit code: 0 if everything is valid, else 1. Changes nothing.")
    .action(async (file: string | undefined, options: { json?: boolean; live?: boolean }) => {
      if (options.live && file === undefined) throw new Error("--live requires the file of a fleet");
      const results = file === undefined ? await validateProject() : [await validateFleet(file, options.live)];
      if (results.length === 0) throw new Error("no Pulumi.<stack>.yaml found; name the file of a fleet");
      const documents = results.map((each) => ({
        version: 1,
        file: each.file,
        valid: each.problems.length === 0,
        problems: each.problems,
      }));
      if (options.json) {
        process.stdout.write(`${JSON.stringify(file === undefined ? documents : documents[0], null, 2)}\n`);
      } else {
        for (const each of results) {
          if (each.problems.length === 0) process.stdout.write(`  ${each.file} is valid\n`);
          else process.stderr.write(`${renderProblems(each)}\n`);
        }
      }
      if (documents.some(({ valid }) => !valid)) process.exitCode = 1;
    });
}
