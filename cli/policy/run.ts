import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

import pc from "picocolors";

import { packageVersion } from "../../fleet/package-folder";
import { evaluate } from "../../policies/engine/evaluate";
import type { PolicyReport } from "../../policies/engine/report";
import type * as json from "../../policies/reports/json";
import type * as junit from "../../policies/reports/junit";
import type * as markdown from "../../policies/reports/markdown";
import type * as sarif from "../../policies/reports/sarif";
import type * as table from "../../policies/reports/table";
import type { Severity } from "../../policies/engine/rule";
import { rules } from "../../policies/rules";
import { EVERY_ENVIRONMENT } from "../../policies/engine/policy";
import type * as catalogue from "./catalogue";
import type { Format, PolicyOptions } from "./options";
import { readInputs } from "./inputs";
import { policyOf } from "./team-policy";
import { findValidator } from "./validator";

/** Whether a finding of a severity breaks the policy. */
type Failing = (severity: Severity) => boolean;

const load = createRequire(__filename);
const form = (name: string): unknown => load(`../../policies/reports/${name}`);

/** Each form of the report is loaded when it is asked for: the library that writes XML is large. */
const REPORTS: Readonly<Record<Format, (report: PolicyReport, failing: Failing, color: boolean) => string>> = {
  table: (report, _failing, color) => (form("table") as typeof table).tableReport(report, color),
  json: (report) => (form("json") as typeof json).jsonReport(report),
  sarif: (report) => {
    const { sarifReport } = form("sarif") as typeof sarif;
    return sarifReport(report, { version: packageVersion, root: process.cwd() });
  },
  junit: (report, failing) => (form("junit") as typeof junit).junitReport(report, failing),
  markdown: (report) => (form("markdown") as typeof markdown).markdownReport(report),
};

/**
 * What `skerry policy` does.
 *
 * @returns the exit code
 * @throws Error when the input cannot be read or used, with every problem
 */
export async function runPolicy(paths: readonly string[], options: PolicyOptions): Promise<0 | 1> {
  const { stack, format, failOn, output, rule, today = new Date().toISOString().slice(0, 10) } = options;
  const environment = options.environment ?? (paths.length > 0 ? EVERY_ENVIRONMENT : stack);
  const say = (text: string): void => {
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text);
  };
  if (options.explain !== undefined) {
    const { ruleText } = load("./catalogue") as typeof catalogue;
    say(ruleText(policyOf(options), environment, options.explain));
    return 0;
  }
  if (options.listRules) {
    const { ruleList } = load("./catalogue") as typeof catalogue;
    say(ruleList(policyOf(options), environment, format === "json"));
    return 0;
  }
  const { policy, subjects, places } = await readInputs({ ...options, paths });
  const validator = await findValidator(options.validation);
  const report = evaluate(rules, subjects, {
    policy,
    ...(validator && { validator }),
    environment,
    today,
    places,
    ...(rule && { only: rule }),
    // A policy that speaks of a whole fleet has waivers for what is not among some manifests.
    unusedWaivers: paths.length === 0 || options.config !== undefined,
  });
  const failing: Failing = (severity) => severity === "error" || (failOn === "warning" && severity === "warning");
  const onTerminal = output === undefined && Boolean(process.stdout.isTTY);
  say(REPORTS[format](report, failing, onTerminal && pc.isColorSupported));
  return report.findings.some(({ severity, waived }) => !waived && failing(severity)) ? 1 : 0;
}
