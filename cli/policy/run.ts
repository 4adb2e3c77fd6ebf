import { writeFileSync } from "node:fs";

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
import { ruleList, ruleText } from "./catalogue";
import type { Format, PolicyOptions } from "./options";
import { policyOf, readInputs } from "./inputs";
import { findValidator } from "./validator";

/** Whether a finding of a severity breaks the policy. */
type Failing = (severity: Severity) => boolean;

const REPORTS: Readonly<Record<Format, (report: PolicyReport, failing: Failing, color: boolean) => string>> = {
  table: (report, _failing, color) => tableReport(report, color),
  json: (report) => jsonReport(report),
  sarif: (report) => sarifReport(report, { version: packageVersion, root: process.cwd() }),
  junit: (report, failing) => junitReport(report, failing),
  markdown: (report) => markdownReport(report),
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
    say(ruleText(policyOf(options), environment, options.explain));
    return 0;
  }
  if (options.listRules) {
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
