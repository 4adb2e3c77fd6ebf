import { existsSync } from "node:fs";

import { loadExport } from "../../fleet/reading/load-module";
import { validatePolicy } from "../../policies/engine/validate-policy";
import type { Policy } from "../../policies/engine/policy";
import { rules } from "../../policies/rules";
import { projectRoot } from "../folders";
import { policyFile } from "../project";
import { fromHere, inFile } from "./here";
import type { Asked } from "./inputs";
import { Unusable } from "./unusable";

/**
 * The team's policy alone: its rules can be listed without anything to judge.
 *
 * @throws Unusable with every problem of it
 */
export function policyOf(asked: Pick<Asked, "config">): Policy {
  const problems: string[] = [];
  const { policy } = readPolicy(asked, problems);
  if (!policy) throw new Unusable(problems);
  return policy;
}

/** The team's policy, and the file that states it; nothing where it cannot be used, with every problem of it. */
export function readPolicy(
  { config }: Pick<Asked, "config">,
  problems: string[],
): { readonly policy?: Policy; readonly file?: string } {
  const file = config ?? projectsOwn(policyFile);
  if (file === undefined) return { policy: {} };
  if (!existsSync(file)) {
    problems.push(`${file} is not there`);
    return {};
  }
  try {
    const policy = loadExport(file, "policy");
    const wrong =
      policy === undefined
        ? [{ path: "", message: "exports no policy: export what definePolicy gives as default, or as `policy`" }]
        : validatePolicy(policy, rules);
    problems.push(...inFile(file, wrong));
    return wrong.length > 0 ? {} : { policy: policy as Policy, file };
  } catch (error) {
    problems.push(`${fromHere(file)} cannot be read: ${firstLine(error)}`);
    return {};
  }
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

/** What a project has in a place of its own; undefined outside of projects. */
function projectsOwn<T>(find: (project: string) => T): T | undefined {
  try {
    return find(projectRoot());
  } catch {
    return undefined;
  }
}
