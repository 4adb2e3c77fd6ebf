import { setTimeout as sleep } from "node:timers/promises";

import type { Progress } from "../progress";
import { collectStatus } from "./collect";
import type { StatusReport } from "./report";

/** Time limit for a fleet to settle, for example because pods start again with the lab, in ms. */
const SETTLE_MS = 60_000;
/** Time between two reports, in ms. */
const POLL_MS = 1_000;

type Report = Pick<StatusReport, "unplaced" | "pods" | "edgeAgents" | "edgeIngests" | "measuredLinks">;

const countUnready = ({ unplaced, pods }: Report): number =>
  new Set(
    [...unplaced, ...pods.filter(({ ready }) => !ready)].map((pod) => `${pod.cluster}/${pod.namespace}/${pod.name}`),
  ).size;

/**
 * Returns what an update still waits for: pods that are not placed and ready, ingests that have stored nothing although agents of
 * their cluster have messages, and links between regions that are not measured.
 *
 * @param links whether links count: regions of other stacks than that of the lab may be offline for long
 */
export function describeUnsettled(report: Report, links: boolean): string[] {
  const unready = countUnready(report);
  const silent = report.edgeIngests.filter(
    ({ cluster, stored = 0 }) =>
      stored === 0 &&
      report.edgeAgents.some((agent) => agent.cluster === cluster && agent.classes.some(({ depth }) => depth > 0)),
  );
  const unmeasured = links ? report.measuredLinks.reduce((sum, { pairs, measured }) => sum + pairs - measured, 0) : 0;
  return [
    ...(unready > 0 ? [`${unready} ${unready === 1 ? "pod" : "pods"} to become ready`] : []),
    ...(silent.length > 0 ? [`messages of ${silent.map(({ cluster }) => cluster).join(", ")}`] : []),
    ...(unmeasured > 0 ? [`${unmeasured} ${unmeasured === 1 ? "link" : "links"} to be measured`] : []),
  ];
}

/** Waits until a fleet has settled, or the time limit has passed, and returns its status. */
export async function settle(links: boolean, progress: Progress): Promise<StatusReport> {
  const step = progress.start("fleet", "reading its status");
  for (const deadline = Date.now() + SETTLE_MS; ;) {
    const report = await collectStatus().catch((error: unknown) => {
      step.failed("its status cannot be read");
      throw error;
    });
    const waiting = describeUnsettled(report, links).join(", ");
    if (!waiting) {
      step.done("settled");
      return report;
    }
    if (Date.now() > deadline) {
      step.failed(`no longer waiting for ${waiting}`);
      return report;
    }
    step.update(`waiting for ${waiting}`);
    await sleep(POLL_MS);
  }
}
