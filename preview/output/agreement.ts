import type { AgreementSummary } from "../report";
import {
  type AgreementCounts,
  type AgreementReport,
  type Disagreement,
  isKept,
  type PodPlace,
} from "../verification/agreement";
import { escapeMarkdown } from "./markdown-text";
import { shortName } from "./tally";

/** A share in percent with one decimal. Rounds down, so that 100 % means all. */
const percent = (part: number, whole: number): string =>
  whole === 0 ? "100 %" : `${String(Math.floor((1000 * part) / whole) / 10)} %`;

const share = (part: number, whole: number): string => `${part} of ${whole} (${percent(part, whole)})`;

/** `182 of 182 (100 %) pods in the expected region, 181 of 182 (99.4 %) on the expected node, 5 of them by a tie`. */
export function describeAgreement({ pods, regions, nodes, ties }: Omit<AgreementCounts, "unschedulable">): string {
  const tied = ties > 0 ? `, ${ties} of them by a tie` : "";
  return `${share(regions, pods)} pods in the expected region, ${share(nodes, pods)} on the expected node${tied}`;
}

/** The agreement of an earlier report, as a sentence of the next. */
export const agreementLine = (agreement: AgreementSummary | undefined): string =>
  agreement === undefined
    ? ""
    : `Last verified preview (${agreement.revisions}, ${agreement.verifiedAt.slice(0, 10)}): ${describeAgreement(agreement)}.`;

function formatPlace(place: PodPlace | undefined, absent: string): string {
  if (!place) return absent;
  if (place.node === undefined) return "no node";
  return place.region ? `${place.region} / ${place.node}` : place.node;
}

/** The same disagreement of several pods is one line. */
function listDisagreements(disagreements: readonly Disagreement[]): string[] {
  const counts = new Map<string, number>();
  for (const { workload, level, expected, found, causes } of disagreements) {
    const places = `${formatPlace(expected, "no pod")}, found ${formatPlace(found, "no pod")}`;
    const why = causes.map(({ message }) => message).join("; ");
    const line = `${workload.cluster}: ${shortName(workload)}: other ${level}: expected ${places}. ${why}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} pods)`));
}

interface Part {
  readonly title: string;
  readonly lines: readonly string[];
}

function listParts({ disagreements, unclaimed }: AgreementReport): Part[] {
  const parts = [
    { title: "Disagreements", lines: listDisagreements(disagreements) },
    {
      title: "Workloads that the report does not have (not counted)",
      lines: unclaimed.map(({ workload, pods }) => `${workload.cluster}: ${shortName(workload)}: ${pods} pods`),
    },
  ];
  return parts.filter(({ lines }) => lines.length > 0);
}

const HEAD = ["cluster", "pods", "region agrees", "node agrees", "by a tie", "without a node"] as const;

/** Tabulates the agreement of each cluster. */
export function tabulateAgreement({ clusters }: AgreementReport): { head: readonly string[]; rows: string[][] } {
  return {
    head: HEAD,
    rows: clusters.map(({ cluster, pods, regions, nodes, ties, unschedulable }) => [
      cluster,
      String(pods),
      share(regions, pods),
      share(nodes, pods),
      String(ties),
      unschedulable.expected === 0 ? "–" : `${unschedulable.found} of ${unschedulable.expected}`,
    ]),
  };
}

const verdict = (report: AgreementReport): string =>
  `${isKept(report) ? "Kept" : "Not kept"}: ${describeAgreement(report)}`;

const source = ({ revisions, verifiedAt }: AgreementReport): string => `(${revisions}, clusters of ${verifiedAt})`;

/** Renders an agreement as text. */
export function renderAgreementText(report: AgreementReport): string {
  const { head, rows } = tabulateAgreement(report);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd();
  const parts = listParts(report).map(({ title, lines }) =>
    [`${title} (${lines.length})`, ...lines.map((each) => `  ${each}`)].join("\n"),
  );
  return `${[`${verdict(report)} ${source(report)}`, [head, ...rows].map(line).join("\n"), ...parts].join("\n\n")}\n`;
}

/** Renders an agreement as Markdown. */
export function renderAgreementMarkdown(report: AgreementReport): string {
  const { head, rows } = tabulateAgreement(report);
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const parts = listParts(report).map(
    ({ title, lines }) =>
      `<details><summary>${title} (${lines.length})</summary>\n\n${lines.map((each) => `- ${escapeMarkdown(each)}`).join("\n")}\n\n</details>`,
  );
  const table = [row(head), `|${head.map(() => " --- ").join("|")}|`, ...rows.map(row)].join("\n");
  return `${[`**${verdict(report)}** ${escapeMarkdown(source(report))}`, table, ...parts].join("\n\n")}\n`;
}
