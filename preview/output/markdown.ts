import type { PreviewReport } from "../report";
import { agreementLine } from "./agreement";
import { escapeMarkdown } from "./markdown-text";
import { costLine, type RegionTable, tabulateRegions } from "./region-table";
import { listSections, type Section } from "./sections";
import { describeRevisions, describeVerdict } from "./tally";

/** Identifies the comment of a preview, so that it is updated in place. */
export const MARKER = "<!-- skerry-preview -->";

/** GitHub rejects comments of more than 65,536 characters. */
const LONGEST_COMMENT = 65_000;
/** Lines that a section shows at first. */
const SHOWN_LINES = 200;

const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;

function renderTable({ head, rows }: RegionTable, most: number): string {
  if (rows.length === 0) return "";
  const cut = rows.length - most;
  const more = cut > 0 ? `\n\n… and ${cut} more regions, in the full report` : "";
  return [row(head), `|${head.map(() => " --- ").join("|")}|`, ...rows.slice(0, most).map(row)].join("\n") + more;
}

function renderSection({ title, lines }: Section, most: number): string {
  const shown = lines.slice(0, most).map((line) => `- ${escapeMarkdown(line)}`);
  const cut = lines.length - shown.length;
  if (cut > 0) shown.push(`- … and ${cut} more, in the full report`);
  return `<details><summary>${title} (${lines.length})</summary>\n\n${shown.join("\n")}\n\n</details>`;
}

/**
 * A report as one comment on a pull request: the verdict, the regions that change, and folded details. Details are cut until
 * the comment fits, never the verdict.
 *
 * @param fullReport where the whole report is, for example the URL of an artifact
 */
export function renderMarkdown(report: PreviewReport, fullReport?: string): string {
  const { seed, kubernetes, tied } = report;
  const verdict = `**${escapeMarkdown(describeVerdict(report))}** (${escapeMarkdown(describeRevisions(report))}, simulated, Kubernetes ${kubernetes}, seed ${seed})`;
  const ties = tied > 0 ? `${tied} pods could run on other nodes with the same score.` : "";
  const sections = listSections(report);
  const regions = tabulateRegions(report);
  for (let most = SHOWN_LINES; ; most = Math.floor(most / 2)) {
    const cut = [...sections.map(({ lines }) => lines), regions.rows].some((items) => items.length > most);
    const where = fullReport ?? "the JSON report of this run";
    const text = [
      MARKER,
      verdict,
      renderTable(regions, most),
      costLine(report),
      ...sections.map((section) => renderSection(section, most)),
      ties,
      escapeMarkdown(agreementLine(report.agreement)),
      cut ? `Details are cut to fit into a comment. Full report: ${where}` : "",
    ]
      .filter((part) => part !== "")
      .join("\n\n");
    if (text.length < LONGEST_COMMENT || most === 0) return `${text.slice(0, LONGEST_COMMENT - 1)}\n`;
  }
}
