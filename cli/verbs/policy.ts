import { createRequire } from "node:module";

import { type Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";

import { FORMATS, type PolicyOptions } from "../policy/options";
import type * as running from "../policy/run";
import { LOCAL_STACK } from "../project";
import { VALIDATIONS } from "../policy/validator";

const HELP = `
Without paths, checks the rendered fleet of a stack. With paths, checks the manifests in files and folders; - is standard
input.

Examples:
  $ skerry policy                                   the fleet of stack ${LOCAL_STACK}
  $ skerry policy --stack production --fail-on warning
  $ skerry policy deploy/ extra.yaml                files and folders
  $ helm template . | skerry policy - --fleet fleet.ts --cluster tokyo
  $ skerry policy --format sarif --output policy.sarif
  $ skerry policy --explain images-pinned

Exit codes:
  0  no violations, or all violations are waived
  1  a rule is violated, or a manifest cannot be read (rule manifest-unreadable; the other manifests are checked)
  2  nothing was checked: an option, a path, the policy or the fleet is invalid; all problems are listed

Files that are not Kubernetes manifests are listed and do not fail the check.`;

const parseDate = (text: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("Must be a date such as 2027-03-31.");
};
const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];
const collectList = (text: string, before: readonly string[] = []): string[] => [...before, ...text.split(",")];

/** Adds `skerry policy [paths...]`, which checks policy on a fleet or on manifests. */
export function policyVerb(program: Command): void {
  program
    .command("policy [paths...]")
    .description("check policy on a fleet or on manifests")
    .option("-s, --stack <name>", "stack whose fleet to check", LOCAL_STACK)
    .option(
      "--fleet <file>",
      "fleet to check (.ts, .js, YAML, JSON); with paths: the fleet that the manifests are added to",
    )
    .option(
      "--cluster <name>",
      "cluster of the fleet to check; with paths: the cluster that the manifests are added to",
    )
    .option("--kubernetes-version <version>", "Kubernetes version of the manifests (default: the cluster's)")
    .option(
      "--exclude <pattern>",
      "exclude paths by a .gitignore pattern; repeatable (see also .skerryignore)",
      collect,
    )
    .option("--crds <path>", "file or folder with CustomResourceDefinitions of the cluster; repeatable", collect)
    .addOption(
      new Option(
        "--validation <by>",
        "validate objects with the API server's own code, which is built if necessary, or with the OpenAPI schema only (default: api-server if it is built)",
      ).choices(VALIDATIONS),
    )
    .option(
      "--environment <name>",
      "environment whose severities apply (default: the stack's name; with paths: default)",
    )
    .option("--config <file>", "module that exports the policy (default: policy.ts or stacks/policy.ts of the project)")
    .option("--rule <id>", "check only this rule; repeatable", collectList)
    .addOption(
      new Option("--fail-on <severity>", "lowest severity that fails the check")
        .choices(["error", "warning"])
        .default("error"),
    )
    .addOption(new Option("--format <format>", "format of the report").choices(FORMATS).default("table"))
    .option("--output <file>", "write the report to a file")
    .option(
      "--today <date>",
      "evaluate waivers on this date; previews the report for that date (default: today, UTC)",
      parseDate,
    )
    .option("--list-rules", "list the rules; with --format json for programs")
    .option("--explain <id>", "describe a rule")
    .addHelpText("after", HELP)
    // Exit code 1 means that a rule is violated: invalid options exit with 2.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (paths: string[], options: PolicyOptions) => {
      try {
        // Rules and charts are large: other verbs do not load them.
        const { runPolicy } = createRequire(__filename)("../policy/run") as typeof running;
        process.exitCode = await runPolicy(paths, options);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        process.stderr.write(`${pc.red("error:")} ${text.split("\n").join("\n  ")}\n`);
        if (process.env.SKERRY_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
        process.exitCode = 2;
      }
    });
}
