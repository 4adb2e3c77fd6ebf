import { writeFileSync } from "node:fs";

import { type Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";

import { packageVersion } from "../../fleet/package-folder";
import { evaluate } from "../../policies/engine";
import type { PolicyReport } from "../../policies/report";
import { jsonReport } from "../../policies/reports/json";
import { junitReport } from "../../policies/reports/junit";
import { markdownReport } from "../../policies/reports/markdown";
import { sarifReport } from "../../policies/reports/sarif";
import { tableReport } from "../../policies/reports/table";
import type { Severity } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { EVERY_ENVIRONMENT } from "../../policies/severities";
import { ruleList, ruleText } from "../policy/catalogue";
import { policyOf, readInputs } from "../policy/inputs";
import { LOCAL_STACK } from "../pulumi/environment";

interface Options {
  readonly stack: string;
  readonly fleet?: string;
  readonly cluster?: string;
  readonly kubernetesVersion?: string;
  readonly environment?: string;
  readonly config?: string;
  readonly rule?: readonly string[];
  readonly failOn: "error" | "warning";
  readonly format: keyof typeof FORMATS;
  readonly output?: string;
  readonly today?: string;
  readonly listRules?: boolean;
  readonly explain?: string;
}

/** Whether a finding of a severity breaks the policy. */
type Failing = (severity: Severity) => boolean;

const FORMATS = {
  table: (report: PolicyReport, _failing: Failing, color: boolean) => tableReport(report, color),
  json: (report: PolicyReport) => jsonReport(report),
  sarif: (report: PolicyReport) => sarifReport(report, { version: packageVersion, root: process.cwd() }),
  junit: (report: PolicyReport, failing: Failing) => junitReport(report, failing),
  markdown: (report: PolicyReport) => markdownReport(report),
} as const;

const HELP = `
Without paths, a stack's fleet is rendered and judged; with paths, the manifests there (- is standard input).

Examples:
  $ skerry policy                                   the fleet of stack ${LOCAL_STACK}
  $ skerry policy --stack production --fail-on warning
  $ skerry policy deploy/ extra.yaml                files and folders
  $ helm template . | skerry policy - --fleet fleet.ts --cluster tokyo
  $ skerry policy --format sarif --output policy.sarif
  $ skerry policy --explain images-pinned

Exit code: 0 when every rule is kept, or what is broken is tolerated; 1 when one is broken; 2 when the input could not be
read or used, with every problem listed.`;

const day = (text: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("Allowed is a day as in 2027-03-31.");
};
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
    .option("--environment <name>", "whose severities hold (default: the stack's name, with paths: default)")
    .option("--config <file>", "module that exports a policy (default: policy.ts or stacks/policy.ts of the project)")
    .option("--rule <id>", "ask this rule alone; may be repeated", many)
    .addOption(
      new Option("--fail-on <severity>", "what breaks the policy").choices(["error", "warning"]).default("error"),
    )
    .addOption(new Option("--format <format>", "form of the report").choices(Object.keys(FORMATS)).default("table"))
    .option("--output <file>", "write the report there instead of printing it")
    .option("--today <day>", "judge waivers as on that day (default: today, UTC)", day)
    .option("--list-rules", "list the rules; --format json for programs")
    .option("--explain <id>", "say everything about one rule")
    .addHelpText("after", HELP)
    // Who misspelt an option broke no rule.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (paths: string[], options: Options) => {
      try {
        process.exitCode = await run(paths, options);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        process.stderr.write(`${pc.red("error:")} ${text.split("\n").join("\n  ")}\n`);
        if (process.env.SKERRY_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
        process.exitCode = 2;
      }
    });
}

async function run(paths: readonly string[], options: Options): Promise<0 | 1> {
  const { stack, format, failOn, output, rule, today = new Date().toISOString().slice(0, 10) } = options;
  const environment = options.environment ?? (paths.length > 0 ? EVERY_ENVIRONMENT : stack);
  const say = (text: string): void => {
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text);
  };
  if (options.explain !== undefined) {
    say(ruleText(policyOf(options), environment, options.explain));
    return 0;
  }
  if (options.listRules) {
    say(ruleList(policyOf(options), environment, format === "json"));
    return 0;
  }
  const { policy, subjects, places } = await readInputs({ ...options, paths });
  const report = evaluate(rules, subjects, {
    policy,
    environment,
    today,
    places,
    ...(rule && { only: rule }),
    // A policy that speaks of a whole fleet has waivers for what is not among some manifests.
    unusedWaivers: paths.length === 0 || options.config !== undefined,
  });
  const failing: Failing = (severity) => severity === "error" || (failOn === "warning" && severity === "warning");
  say(FORMATS[format](report, failing, output === undefined && process.stdout.isTTY && pc.isColorSupported));
  return report.findings.some(({ severity, waived }) => !waived && failing(severity)) ? 1 : 0;
}
