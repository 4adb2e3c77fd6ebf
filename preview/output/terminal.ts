import Table from "cli-table3";
import { createColors } from "picocolors";

import type { PreviewReport } from "../report";
import { agreementLine } from "./agreement";
import { costLine, tabulateRegions } from "./region-table";
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
  const { head, rows } = tabulateRegions(report);
  if (rows.length > 0) {
    const table = new Table({ head: [...head], style: { head: [], border: [] } });
    table.push(...rows.map((cells) => [...cells]));
    parts.push(table.toString());
  }
  const cost = costLine(report);
  if (cost !== "") parts.push(cost);
  for (const { title, lines } of listSections(report))
    parts.push([pc.bold(`${title} (${lines.length})`), ...lines.map((line) => `  ${line}`)].join("\n"));
  if (tied > 0) parts.push(`${tied} pods could run on other nodes with the same score.`);
  if (report.agreement) parts.push(agreementLine(report.agreement));
  return `${parts.join("\n\n")}\n`;
}
