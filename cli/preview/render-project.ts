import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { evaluate } from "../../policies/engine/evaluate";
import type { PolicyReport } from "../../policies/engine/report";
import { rules } from "../../policies/rules";
import type { PolicySettings } from "../../preview/drill-findings";
import { type Rendering, RENDERING_VERSION, renderStates } from "../../preview/rendering";
import { readInputs } from "../policy/inputs";
import { findValidator } from "../policy/validator";

/** What `skerry render` writes: the desired state of a fleet, and its policy report. */
export interface RenderedProject {
  readonly rendering: Rendering;
  readonly policy: PolicyReport;
  /** Severities and waivers for the rules that a preview evaluates. Absent from renderings of older releases. */
  readonly settings?: PolicySettings;
}

/** File of a rendering in a folder of renderings. */
export const RENDERING_FILE = "rendering.json";

/**
 * Renders the fleet of a stack and evaluates its policy.
 *
 * @throws Error with every problem of the fleet or the policy
 */
export async function renderProject(stack: string): Promise<RenderedProject> {
  const { policy, subjects } = await readInputs({ paths: [], stack });
  const today = new Date().toISOString().slice(0, 10);
  const validator = await findValidator();
  const options = { policy, environment: stack, today, ...(validator && { validator }) };
  return {
    rendering: renderStates(subjects.fleet!, { policy, environment: stack, today }),
    policy: evaluate(rules, subjects, options),
    settings: { severities: policy.severities ?? {}, waivers: policy.waivers ?? [] },
  };
}

/** Writes a rendering into a folder. Equal fleets write equal bytes. */
export async function writeRendering(folder: string, project: RenderedProject): Promise<void> {
  await writeFile(join(folder, RENDERING_FILE), `${JSON.stringify(project, null, 1)}\n`);
}

/**
 * Reads a rendering that `skerry render` wrote.
 *
 * @throws Error if the folder has none, or one of another version
 */
export async function readRendering(folder: string): Promise<RenderedProject> {
  const file = join(folder, RENDERING_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new Error(`${file} does not exist: write it with skerry render --output ${folder}`);
  }
  const project = JSON.parse(text) as Partial<RenderedProject>;
  const version = project.rendering?.version as number | undefined;
  if (version !== RENDERING_VERSION || !project.policy)
    throw new Error(`${file}: version must be ${RENDERING_VERSION}, got ${version ?? "none"}: render it again`);
  return project as RenderedProject;
}
