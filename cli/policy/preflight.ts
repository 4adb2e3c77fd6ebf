import pc from "picocolors";

import { evaluate } from "../../policies/engine/evaluate";
import { tableReport } from "../../policies/reports/table";
import { rules } from "../../policies/rules";
import type { Step } from "../progress";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";
import { readInputs } from "./inputs";
import { findValidator } from "./validator";

/**
 * Holds a stack's fleet against its policy before anything is touched. The plan holds it too, but asks the rules about whole
 * clusters only when all is made.
 *
 * @throws Error when a rule is broken whose severity is `error`, with the whole report
 */
export async function holdPolicy(stack: string, step: Step): Promise<void> {
  try {
    fleetFile(projectRoot(), stack);
  } catch {
    return step.done("held in the plan alone: the fleet is in no place of its own");
  }
  try {
    const { policy, subjects, places } = await readInputs({ paths: [], stack });
    const today = new Date().toISOString().slice(0, 10);
    const validator = await findValidator();
    const judging = { policy, environment: stack, today, places, ...(validator && { validator }) };
    const report = evaluate(rules, subjects, judging);
    const { error, warning, waived } = report.counts;
    if (error > 0)
      throw new Error(`the policy is broken: nothing was touched\n${tableReport(report, pc.isColorSupported)}`);
    step.done(`${report.rules.length} rules, none broken; ${warning} warnings, ${waived} waived: npx skerry policy`);
  } catch (error) {
    step.failed("not held");
    throw error;
  }
}
