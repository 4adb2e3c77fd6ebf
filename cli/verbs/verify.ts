import { createRequire } from "node:module";

import { type Command, Option } from "commander";

import { AGREEMENT_FORMATS, type VerifyOptions } from "../preview/options";
import type * as running from "../preview/run-verify";

const HELP = `
Examples:
  $ skerry verify preview.json
  $ skerry verify preview.json --format json --output agreement.json   # for skerry preview --agreement
  $ skerry verify preview.json --snapshot snapshot.json

Reads the clusters that have a kubeconfig in .skerry/kubeconfig, and changes nothing.

Exit code: 0 if every pod is in the region that the report says; 2 if not; 1 on any other error.`;

/** `skerry verify`: whether pods run where a preview said that they would. */
export function verifyVerb(program: Command): void {
  program
    .command("verify")
    .argument("<report.json>", "report that skerry preview --format json wrote")
    .description("compare a preview with what the clusters did after the change; clusters are only read")
    .option("--snapshot <file>", "compare with what ran when skerry snapshot wrote this file")
    .addOption(new Option("--format <format>", "format of the result").choices(AGREEMENT_FORMATS).default("table"))
    .option("--output <file>", "write the result to a file instead of standard output")
    .addHelpText("after", HELP)
    .action(async (file: string, options: VerifyOptions) => {
      const { runVerify } = createRequire(__filename)("../preview/run-verify") as typeof running;
      process.exitCode = await runVerify(file, options);
    });
}
