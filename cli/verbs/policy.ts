import { createRequire } from "node:module";

import { type Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";

import { FORMATS, type PolicyOptions } from "../policy/options";
import type * as running from "../policy/run";
import { LOCAL_STACK } from "../project";
import { VALIDATIONS } from "../policy/validator";

const HELP = `
Without paths, a stack's fleet is rendered and judged; with paths, the manifests there (- is standard input).

Examples:
  $ skerry policy                                   the fleet of stack ${LOCAL_STACK}
  $ skerry policy --stack production --fail-on warning
  $ skerry policy deploy/ extra.yaml                files and folders
  $ helm template . | skerry policy - --fleet fleet.ts --cluster tokyo
  $ skerry policy --format sarif --output policy.sarif
  $ skerry policy --explain images-pinned

Exit code: 0 when every rule is kept, or what is broken is tolerated; 1 when one is broken, or a manifest cannot be read
(rule manifest-unreadable; all others are judged); 2 when nothing was judged, because an option, a path, the policy or the
fleet cannot be used, with every problem listed. What is no manifest is named and counted, and breaks nothing.`;

const day = (text: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("Allowed is a day as in 2027-03-31.");
};
const one = (text: string, before: readonly string[] = []): string[] => [...before, text];
const many = (text: string, before: readonly string[] = []): string[] => [...before, ...text.split(",")];

/** `skerry policy [paths...]`: what rules find in a fleet or in manifests. */
export function policyVerb(program: Command): void {
  program
    .command("policy [paths...]")
    .description("hold a fleet, or manifests, against the rules; nothing is touched")
    .option("-s, --stack <name>", "stack whose fleet is judged", LOCAL_STACK)
    .option("--fleet <file>", "another fleet (.ts, .js, YAML, JSON); with paths: what the manifests come to")
    .option("--cluster <name>", "this cluster of the fleet alone; with paths: where the manifests go")
    .option("--kubernetes-version <version>", "version that manifests are for (default: the cluster's)")
    .option("--exclude <pattern>", "leave out paths, as .gitignore does; may be repeated (also: .skerryignore)", one)
    .option("--crds <path>", "file or folder with CustomResourceDefinitions of the cluster; may be repeated", one)
    .addOption(
      new Option(
        "--validation <by>",
        "check objects by the API server's own code, built when it is not there, or by the OpenAPI schema alone (default: the former where it is built)",
      ).choices(VALIDATIONS),
    )
    .option("--environment <name>", "whose severities hold (default: the stack's name, with paths: default)")
    .option("--config <file>", "module that exports a policy (default: policy.ts or stacks/policy.ts of the project)")
    .option("--rule <id>", "ask this rule alone; may be repeated", many)
    .addOption(
      new Option("--fail-on <severity>", "what breaks the policy").choices(["error", "warning"]).default("error"),
    )
    .addOption(new Option("--format <format>", "form of the report").choices(FORMATS).default("table"))
    .option("--output <file>", "write the report there instead of printing it")
    .option("--today <day>", "judge waivers as on that day (default: today, UTC)", day)
    .option("--list-rules", "list the rules; --format json for programs")
    .option("--explain <id>", "say everything about one rule")
    .addHelpText("after", HELP)
    // Who misspelt an option broke no rule.
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
