import pc from "picocolors";

import { evaluate } from "../../policies/engine/evaluate";
import { tableReport } from "../../policies/reports/table";
import { rules } from "../../policies/rules";
import type { Step } from "../progress";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";
import { findSettings } from "../stack-settings";
import { readInputs } from "./inputs";
import { findValidator } from "./validator";

/**
 * Checks policy on a stack's fleet before anything changes. The plan checks it too, but evaluates rules on whole clusters
 * only after their objects were created.
 *
 * @throws Error with the whole report when there are findings of severity `error`
 */
export async function checkPolicy(stack: string, step: Step): Promise<void> {
  const { environment } = findSettings(stack);
  try {
    fleetFile(projectRoot(), environment);
  } catch {
    return step.done("policy is checked during preview only: no fleet file found");
  }
  try {
    const { policy, subjects, locator } = await readInputs({ paths: [], stack });
    const today = new Date().toISOString().slice(0, 10);
    const validator = await findValidator();
    const options = { policy, environment, today, locator, ...(validator && { validator }) };
    const report = evaluate(rules, subjects, options);
    const { error, warning, waived } = report.counts;
    if (error > 0)
      throw new Error(`policy violations: nothing was changed\n${tableReport(report, pc.isColorSupported)}`);
    step.done(
      `${report.rules.length} rules: no errors, ${warning} warnings, ${waived} waived; for details run npx skerry policy`,
    );
  } catch (error) {
    step.failed("failed");
    throw error;
  }
}
