import { readFile, writeFile } from "node:fs/promises";

import { requiresDrills } from "../../preview/drill-findings";
import { ALL_REGIONS, type DrillRequest, resolveDrills } from "../../preview/drill-targets";
import { renderHtml } from "../../preview/output/html";
import { renderMarkdown } from "../../preview/output/markdown";
import { isBlocking } from "../../preview/output/tally";
import { renderTerminal } from "../../preview/output/terminal";
import { previewChange, type Revision } from "../../preview/preview";
import { type PreviewReport, REPORT_VERSION } from "../../preview/report";
import type { Snapshot } from "../../preview/snapshot";
import { projectRoot } from "../folders";
import { ConsoleProgress, elapsed } from "../progress";
import { readSnapshot, takeSnapshot } from "../snapshot/take-snapshot";
import { renderRevision } from "./base-revision";
import type { PreviewOptions } from "./options";
import { readRendering, renderProject } from "./render-project";
import { findSimulator, follow } from "./simulation";

/** Exit codes: nothing of concern, an error, or something that should keep a change from being merged. */
export const EXIT = { fine: 0, error: 1, concern: 2 } as const;

type Renderer = (report: PreviewReport, options: PreviewOptions) => string;

const RENDERERS: Readonly<Record<PreviewOptions["format"], Renderer>> = {
  // A file has no colors, wherever standard output goes.
  table: (report, { output }) => (output === undefined ? renderTerminal(report) : renderTerminal(report, false)),
  markdown: (report, { reportUrl }) => renderMarkdown(report, reportUrl),
  html: (report) => renderHtml(report),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

async function readBase({ base, baseDir, stack }: PreviewOptions): Promise<Revision> {
  if ((base === undefined) === (baseDir === undefined))
    throw new Error("exactly one of --base and --base-dir must be set: what does the change start from?");
  if (baseDir !== undefined) return { ...(await readRendering(baseDir)), label: baseDir };
  return renderRevision(projectRoot(), base!, stack);
}

/** Reads a rendering from a folder, or renders the working tree. */
export async function readHead({ headDir, stack }: Pick<PreviewOptions, "headDir" | "stack">): Promise<Revision> {
  if (headDir !== undefined) return { ...(await readRendering(headDir)), label: headDir };
  return { ...(await renderProject(stack)), label: "working tree" };
}

/** The snapshot from which the change starts, with its age on standard error; undefined if the base is simulated. */
async function findSnapshot({ snapshot: file, live = false }: PreviewOptions): Promise<Snapshot | undefined> {
  if (file !== undefined && live) throw new Error("at most one of --snapshot and --live may be set");
  if (file === undefined && !live) return undefined;
  const snapshot = file === undefined ? await takeSnapshot() : await readSnapshot(file);
  process.stderr.write(
    `  starting from the snapshot of ${snapshot.takenAt}, ${elapsed(Date.parse(snapshot.takenAt))} old\n`,
  );
  return snapshot;
}

/**
 * Runs `skerry preview`.
 *
 * @returns the exit code
 * @throws Error if a revision cannot be rendered or simulated
 */
export async function runPreview(options: PreviewOptions): Promise<number> {
  const report = options.from === undefined ? await simulateChange(options) : await readReport(options.from);
  const text = RENDERERS[options.format](report, options);
  if (options.output === undefined) process.stdout.write(text);
  else await writeFile(options.output, text);
  return isBlocking(report) ? EXIT.concern : EXIT.fine;
}

/**
 * Reads a JSON report that an earlier run wrote.
 *
 * @throws Error if it cannot be read, or is of another version
 */
async function readReport(file: string): Promise<PreviewReport> {
  const report = JSON.parse(await readFile(file, "utf8")) as { readonly version?: number };
  if (report.version !== REPORT_VERSION)
    throw new Error(`${file}: version must be ${REPORT_VERSION}, got ${report.version ?? "none"}`);
  return report as PreviewReport;
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
  return follow(progress, "simulation", "running", comparison);
}
