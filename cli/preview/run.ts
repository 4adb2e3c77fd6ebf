import { writeFile } from "node:fs/promises";

import { requiresDrills } from "../../preview/drills/findings";
import { ALL_REGIONS, type DrillRequest, resolveDrills } from "../../preview/drills/targets";
import { renderHtml } from "../../preview/output/html";
import { renderMarkdown } from "../../preview/output/markdown";
import { isBlocking } from "../../preview/output/tally";
import { renderTerminal } from "../../preview/output/terminal";
import { previewChange, type Revision } from "../../preview/preview";
import type { PulumiPlan } from "../../preview/plan";
import type { PreviewReport } from "../../preview/report";
import { projectRoot } from "../folders";
import { ConsoleProgress, type Progress } from "../progress";
import { LOCAL_STACK } from "../project";
import { planStack } from "../pulumi/plan";
import { findSnapshot } from "../snapshot/take-snapshot";
import { describeWorkingTree, renderRevision } from "./base-revision";
import { EXIT } from "./exit";
import type { PreviewOptions } from "./options";
import { readReport } from "./read-report";
import { readRendering, renderProject } from "./render-project";
import { readAgreement } from "./run-verify";
import { findSimulator, follow } from "./simulation";

type Renderer = (report: PreviewReport, options: PreviewOptions) => string;

const RENDERERS: Readonly<Record<PreviewOptions["format"], Renderer>> = {
  // A file has no colors, wherever standard output goes.
  table: (report, { output }) => (output === undefined ? renderTerminal(report) : renderTerminal(report, false)),
  markdown: (report, { reportUrl }) => renderMarkdown(report, reportUrl),
  html: (report) => renderHtml(report),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

/**
 * Checks options that exclude or require each other, before anything is rendered.
 *
 * @throws Error with every problem
 */
function checkOptions({ from, base, baseDir, headDir, snapshot, live = false, plan }: PreviewOptions): void {
  const sources = { "--base": base, "--base-dir": baseDir, "--head-dir": headDir, "--snapshot": snapshot };
  const used = Object.entries(sources).flatMap(([option, value]) => (value === undefined ? [] : [option]));
  const problems =
    from === undefined
      ? [
          (base === undefined) === (baseDir === undefined) &&
            "exactly one of --base and --base-dir must be set: what does the change start from?",
          snapshot !== undefined && live && "at most one of --snapshot and --live may be set",
          plan === true &&
            headDir !== undefined &&
            "--plan must not be set with --head-dir: Pulumi runs the working tree",
        ]
      : [used.length > 0 && `--from must not be set with ${used.join(", ")}: it formats the report of an earlier run`];
  const found = problems.filter((problem) => problem !== false);
  if (found.length > 0) throw new Error(found.join("\n  "));
}

async function readBase({ base, baseDir, stack }: PreviewOptions): Promise<Revision> {
  if (baseDir !== undefined) return { ...(await readRendering(baseDir)), label: baseDir };
  return renderRevision(projectRoot(), base!, stack);
}

/** Reads a rendering from a folder, or renders the working tree. */
export async function readHead({ headDir, stack }: Pick<PreviewOptions, "headDir" | "stack">): Promise<Revision> {
  if (headDir !== undefined) return { ...(await readRendering(headDir)), label: headDir };
  return { ...(await renderProject(stack)), label: await describeWorkingTree(projectRoot()) };
}

/**
 * Runs `skerry preview`.
 *
 * @returns the exit code
 * @throws Error if a revision cannot be rendered or simulated
 */
export async function runPreview(options: PreviewOptions): Promise<number> {
  checkOptions(options);
  const result = options.from === undefined ? await simulateChange(options) : await readReport(options.from);
  const { agreement: file } = options;
  const report = file === undefined ? result : { ...result, agreement: await readAgreement(file, result.fleet) };
  const text = RENDERERS[options.format](report, options);
  if (options.output === undefined) process.stdout.write(text);
  else await writeFile(options.output, text);
  return isBlocking(report) ? EXIT.concern : EXIT.fine;
}

/** What Pulumi would do to the deployed stack; undefined if that was not asked for. */
async function findPlan({ plan, headDir, stack }: PreviewOptions, progress: Progress): Promise<PulumiPlan | undefined> {
  if (plan === false) return undefined;
  if (headDir !== undefined) return { stack, unknown: "the head is a rendering, and Pulumi runs the working tree" };
  if (plan === undefined && stack !== LOCAL_STACK) return { stack, unknown: "ask for it with --plan" };
  return planStack(stack, progress);
}

/** The drills that the user requests, and those that the policy of the head requires. */
export function requestDrills({ drill = [] }: Pick<PreviewOptions, "drill">, head: Revision): DrillRequest[] {
  const required = requiresDrills(head.settings ?? {}, head.policy.environment);
  return required ? [...drill, ALL_REGIONS] : [...drill];
}

async function simulateChange(options: PreviewOptions): Promise<PreviewReport> {
  const progress = new ConsoleProgress(process.stderr);
  const simulate = await findSimulator(progress);
  const base = await follow(progress, "base", "rendering", readBase(options));
  const head = await follow(progress, "head", "rendering", readHead(options));
  const { seed, rescheduleAll = false } = options;
  const snapshot = await findSnapshot(options);
  const drills = resolveDrills(requestDrills(options, head), [base.rendering, head.rendering], snapshot?.clusters);
  const comparison = previewChange(base, head, simulate, {
    seed,
    rescheduleAll,
    drills,
    ...(snapshot && { snapshot }),
  });
  // Pulumi's engine runs at the same time. Even a failed simulation waits for it, so that no process is left behind.
  const planned = findPlan(options, progress);
  const report = await follow(progress, "simulation", "running", comparison).finally(() => planned);
  const plan = await planned;
  return plan ? { ...report, plan } : report;
}
