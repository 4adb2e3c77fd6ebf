import { existsSync } from "node:fs";

import { loadExport } from "../../fleet/reading/load-module";
import { validatePolicy } from "../../policies/engine/validate-policy";
import type { Policy } from "../../policies/engine/policy";
import { rules } from "../../policies/rules";
import { policyFile } from "../project";
import { InputError } from "./input-error";
import type { InputOptions } from "./inputs";
import { problemLines, relativePath } from "./paths";
import { findInProject, firstLine } from "./project-module";

/**
 * Loads the team's policy.
 *
 * @throws InputError with every problem
 */
export function loadPolicy(options: Pick<InputOptions, "config">): Policy {
  const problems: string[] = [];
  const { policy } = readPolicy(options, problems);
  if (!policy) throw new InputError(problems);
  return policy;
}

/**
 * Reads the team's policy. Returns its file too, or no file when there is no policy. Returns nothing for an invalid policy, and
 * adds its problems to `problems`.
 */
export function readPolicy(
  { config }: Pick<InputOptions, "config">,
  problems: string[],
): { readonly policy?: Policy; readonly file?: string } {
  const file = config ?? findInProject(policyFile);
  if (file === undefined) return { policy: {} };
  if (!existsSync(file)) {
    problems.push(`${file}: not found`);
    return {};
  }
  try {
    const policy = loadExport(file, "policy");
    const policyProblems =
      policy === undefined
        ? [{ path: "", message: "must export a policy, as default export or as `policy`: use definePolicy" }]
        : validatePolicy(policy, rules);
    problems.push(...problemLines(file, policyProblems));
    return policyProblems.length > 0 ? {} : { policy: policy as Policy, file };
  } catch (error) {
    problems.push(`${relativePath(file)} cannot be read: ${firstLine(error)}`);
    return {};
  }
}
