import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Fleet } from "../../fleet/model";
import { evaluate } from "../../policies/engine/evaluate";
import type { PolicyReport } from "../../policies/engine/report";
import { rules } from "../../policies/rules";
import type { PolicySettings } from "../../preview/drills/findings";
import { type Rendering, RENDERING_VERSION, renderStates } from "../../preview/rendering";
import { type Inputs, readInputs } from "../policy/inputs";
import { readDocument } from "../read-document";
import { findSettings } from "../stack-settings";
import { loadTeamCharts } from "../policy/team-charts";
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

/** A stack whose fleet can be rendered. */
interface RenderableStack extends Inputs {
  readonly fleet: Fleet;
  readonly environment: string;
  readonly today: string;
  /** Renders the clusters of the stack. */
  readonly render: (fleet: Fleet) => Rendering;
}

/**
 * Reads the fleet of a stack, and how to render it or a changed one.
 *
 * @throws Error with every problem of the fleet or the policy
 */
export async function renderStack(stack: string): Promise<RenderableStack> {
  const inputs = await readInputs({ paths: [], stack });
  const charts = loadTeamCharts();
  const today = new Date().toISOString().slice(0, 10);
  const { environment, clusters } = findSettings(stack);
  const options = {
    policy: { policy: inputs.policy, environment, today },
    ...(charts && { charts }),
    ...(clusters && { clusters }),
  };
  return {
    ...inputs,
    fleet: inputs.subjects.fleet!,
    environment,
    today,
    render: (fleet) => renderStates(fleet, options),
  };
}

/**
 * Renders the fleet of a stack and evaluates its policy.
 *
 * @throws Error with every problem of the fleet or the policy
 */
export async function renderProject(stack: string): Promise<RenderedProject> {
  const { policy, subjects, fleet, environment, today, render } = await renderStack(stack);
  const validator = await findValidator();
  const options = { policy, environment, today, ...(validator && { validator }) };
  return {
    rendering: render(fleet),
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
  const remedy = `write it with skerry render --output ${folder}`;
  const project = (await readDocument(
    file,
    RENDERING_VERSION,
    remedy,
    ({ rendering }) => (rendering as Partial<Rendering> | null | undefined)?.version,
  )) as unknown as RenderedProject;
  const { clusters, regions, links } = project.rendering as Partial<Rendering>;
  if (![clusters, regions, links, (project.policy as Partial<PolicyReport> | undefined)?.findings].every(Array.isArray))
    throw new Error(`${file} is incomplete: ${remedy}`);
  return project;
}
