import { createRequire } from "node:module";

import { type Command, Option } from "commander";

import { FORMATS, parseDrill, parseSeed, type PreviewOptions } from "../preview/options";
import type * as running from "../preview/run";
import { LOCAL_STACK } from "../project";

const HELP = `
Examples:
  $ skerry preview --base main
  $ skerry preview --base origin/main --format markdown --output comment.md
  $ skerry preview --base main --format html --output preview.html
  $ skerry preview --base main --drill region=tokyo --drill node=osaka-gw-01
  $ skerry preview --base main --drill all-regions
  $ skerry preview --base-dir before/ --head-dir after/      # each written by skerry render

Exit code: 0 if nothing is of concern; 2 if pods will not fit, a rollout cannot finish, or a rule with severity error is
newly broken; 1 on any other error.`;

/** `skerry preview`: where every pod runs before and after a change. */
export function previewVerb(program: Command): void {
  program
    .command("preview")
    .description("show where every pod runs before and after a change; no cluster is contacted, except by --live")
    .option("-s, --stack <name>", "stack whose fleet is compared", LOCAL_STACK)
    .option("--base <revision>", "git revision that the change starts from, rendered by its own code")
    .option("--base-dir <folder>", "rendering that the change starts from")
    .option("--head-dir <folder>", "rendering that the change leads to (default: the working tree)")
    .option(
      "--snapshot <file>",
      "start from what ran when skerry snapshot wrote this file; the base is what was deployed",
    )
    .option("--live", "start from what runs now; the base is what is deployed")
    .option("--from <report.json>", "format the JSON report of an earlier run instead of simulating")
    .option("--agreement <agreement.json>", "show how well the last preview agreed, as skerry verify found")
    .option(
      "--drill <loss>",
      "simulate a loss: all-regions, region=<name>, node=<name> or link=<a>:<b>; may be repeated",
      parseDrill,
    )
    .option("--plan", "also ask Pulumi what it would do to the deployed stack (default for stack local)")
    .option("--no-plan", "do not ask Pulumi")
    .option("--reschedule-all", "place every pod anew instead of keeping running pods where they are")
    .option("--seed <number>", "seed that breaks ties between equal nodes", parseSeed, 1)
    .addOption(new Option("--format <format>", "format of the report").choices(FORMATS).default("table"))
    .option("--output <file>", "write the report to a file instead of standard output")
    .option("--report-url <url>", "where the full report is; a shortened comment links to it")
    .addHelpText("after", HELP)
    .action(async (options: PreviewOptions) => {
      // Charts and rules are large: other verbs do not load them.
      const { runPreview } = createRequire(__filename)("../preview/run") as typeof running;
      process.exitCode = await runPreview(options);
    });
}
