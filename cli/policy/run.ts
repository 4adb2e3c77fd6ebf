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
import { EVERY_ENVIRONMENT } from "../../policies/engine/policy";
import { rules } from "../../policies/rules";
import { findSettings } from "../stack-settings";
import type * as catalogue from "./catalogue";
import type { Format, PolicyOptions } from "./options";
import { readInputs } from "./inputs";
import { loadPolicy } from "./team-policy";
import { findValidator } from "./validator";

/** Whether findings of a severity fail the check. */
type IsFailing = (severity: Severity) => boolean;

const load = createRequire(__filename);
const loadReport = (name: string): unknown => load(`../../policies/reports/${name}`);

/** Renders the report in each format. Formats are loaded on demand: the XML library is large. */
const REPORTS: Readonly<Record<Format, (report: PolicyReport, isFailing: IsFailing, color: boolean) => string>> = {
  table: (report, _isFailing, color) => (loadReport("table") as typeof table).tableReport(report, color),
  json: (report) => (loadReport("json") as typeof json).jsonReport(report),
  sarif: (report) => {
    const { sarifReport } = loadReport("sarif") as typeof sarif;
    return sarifReport(report, { version: packageVersion, root: process.cwd() });
  },
  junit: (report, isFailing) => (loadReport("junit") as typeof junit).junitReport(report, isFailing),
  markdown: (report) => (loadReport("markdown") as typeof markdown).markdownReport(report),
};

/**
 * Runs `skerry policy`.
 *
 * @returns the exit code: 1 when there are findings that fail the check
 * @throws Error with every problem of the input
 */
export async function runPolicy(paths: readonly string[], options: PolicyOptions): Promise<0 | 1> {
  const { stack, format, failOn, output, rule, today = new Date().toISOString().slice(0, 10) } = options;
  const environment = options.environment ?? (paths.length > 0 ? EVERY_ENVIRONMENT : findSettings(stack).environment);
  const print = (text: string): void => {
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text);
  };
  if (options.explain !== undefined) {
    const { ruleText } = load("./catalogue") as typeof catalogue;
    print(ruleText(loadPolicy(options), environment, options.explain));
    return 0;
  }
  if (options.listRules) {
    const { ruleList } = load("./catalogue") as typeof catalogue;
    print(ruleList(loadPolicy(options), environment, format === "json"));
    return 0;
  }
  const { policy, subjects, locator } = await readInputs({ ...options, paths });
  const validator = await findValidator(options.validation);
  const report = evaluate(rules, subjects, {
    policy,
    ...(validator && { validator }),
    environment,
    today,
    locator,
    ...(rule && { only: rule }),
    // The project's policy may have waivers for objects that are not among the manifests.
    unusedWaivers: paths.length === 0 || options.config !== undefined,
  });
  const isFailing: IsFailing = (severity) => severity === "error" || (failOn === "warning" && severity === "warning");
  const onTerminal = output === undefined && Boolean(process.stdout.isTTY);
  print(REPORTS[format](report, isFailing, onTerminal && pc.isColorSupported));
  return report.findings.some(({ severity, waived }) => !waived && isFailing(severity)) ? 1 : 0;
}
