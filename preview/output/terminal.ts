import Table from "cli-table3";
import { createColors } from "picocolors";

import type { PreviewReport } from "../report";
import { hasChanged, REGION_COLUMNS, regionRow, unfitByCluster } from "./lines";
import { listSections } from "./sections";
import { describeRevisions, describeVerdict, isBlocking } from "./tally";

/**
 * Renders a report as text for a terminal.
 *
 * @param colors whether the text has colors. @default only if standard output is a terminal and NO_COLOR is unset
 */
export function renderTerminal(
  report: PreviewReport,
  colors = process.stdout.isTTY === true && !process.env.NO_COLOR,
): string {
  const pc = createColors(colors);
  const { seed, kubernetes, tied } = report;
  const verdict = describeVerdict(report);
  const color = isBlocking(report) ? pc.red : pc.green;
  const parts = [
    `${pc.bold(color(verdict))} (${describeRevisions(report)}, simulated, Kubernetes ${kubernetes}, seed ${seed})`,
  ];
  const regions = report.regions.filter(hasChanged);
  if (regions.length > 0) {
    const unfit = unfitByCluster(report);
    const table = new Table({ head: [...REGION_COLUMNS], style: { head: [], border: [] } });
    const seen = new Set<string>();
    for (const region of regions) {
      table.push(regionRow(region, seen.has(region.cluster) ? 0 : (unfit.get(region.cluster) ?? 0)));
      seen.add(region.cluster);
    }
    parts.push(table.toString());
  }
  for (const { title, lines } of listSections(report))
    parts.push([pc.bold(`${title} (${lines.length})`), ...lines.map((line) => `  ${line}`)].join("\n"));
  if (tied > 0) parts.push(`${tied} pods could run on other nodes with the same score.`);
  return `${parts.join("\n\n")}\n`;
}
