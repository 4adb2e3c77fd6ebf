import { writeFile } from "node:fs/promises";

import { type Command, Option } from "commander";

import { findDrift } from "../drift/find-drift";
import { DRIFT_FORMATS, driftRenderers } from "../drift/render";
import type { DriftReport } from "../drift/report";
import { ConsoleProgress } from "../progress";
import { LOCAL_STACK } from "../project";
import { resolveEngine } from "../pulumi/environment";
import { openExistingStack } from "../pulumi/stack";
import { EXIT_UNREACHABLE } from "../pulumi/unreachable";

/** Exit code if resources drifted. */
const EXIT_DRIFT = 2;

function exitCodeOf({ drifted, unreachable }: DriftReport): number {
  if (drifted.length > 0) return EXIT_DRIFT;
  return unreachable.length > 0 ? EXIT_UNREACHABLE : 0;
}

interface DriftOptions {
  readonly stack: string;
  readonly format: (typeof DRIFT_FORMATS)[number];
  readonly output?: string;
}

/** `skerry drift`: compares what runs with the program. */
export function driftVerb(program: Command): void {
  program
    .command("drift")
    .description("compare every deployed resource with the program; changes nothing")
    .option("-s, --stack <name>", "name of the stack", LOCAL_STACK)
    .addOption(new Option("--format <format>", "format of the report").choices(DRIFT_FORMATS).default("table"))
    .option("--output <file>", "write the report to a file instead of standard output")
    .addHelpText(
      "after",
      "\nReports names of fields, never values." +
        "\nExit code: 0 if nothing drifted; 2 if resources drifted; 4 if nothing drifted but clusters are unreachable; 1 on errors.",
    )
    .action(async ({ stack, format, output }: DriftOptions) => {
      const progress = new ConsoleProgress();
      const report = await findDrift(await openExistingStack(await resolveEngine(progress), stack), progress);
      const text = driftRenderers[format](report);
      if (output === undefined) process.stdout.write(text);
      else await writeFile(output, text);
      process.exitCode = exitCodeOf(report);
    });
}
