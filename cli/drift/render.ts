import { escapeMarkdown } from "../../preview/output/markdown-text";
import { formatColumns } from "../table";
import type { DriftedResource, DriftReport } from "./report";

/** Renders a drift report in a format. */
export type DriftRenderer = (report: DriftReport) => string;

/** What an operation of Pulumi means for a resource that drifted. */
const STATES: Readonly<Record<DriftedResource["operation"], string>> = {
  create: "missing",
  delete: "not in the program",
  replace: "changed, will be replaced",
  update: "changed",
  other: "changed",
};

const formatCount = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

function headline({ stack, resources, drifted, unreachable }: DriftReport): string {
  const verdict =
    drifted.length === 0 ? "no drift" : `${drifted.length} of ${formatCount(resources, "resource")} drifted`;
  const skipped = unreachable.length === 0 ? "" : ` · ${formatCount(unreachable.length, "cluster")} not compared`;
  return `stack ${stack}: ${verdict}${skipped}`;
}

/** Pulumi also updates an object that is as the program has it, but was not ready when it was read. */
const stateOf = ({ operation, fields }: DriftedResource): string =>
  operation === "update" && fields.length === 0 ? "not ready" : STATES[operation];

const cellsOf = (resource: DriftedResource): string[] => [
  resource.cluster ?? "-",
  stateOf(resource),
  resource.type,
  resource.name,
  resource.fields.join(", "),
];

const HEAD = ["cluster", "state", "type", "name", "fields"];

const renderTable: DriftRenderer = (report) =>
  [
    `  ${headline(report)}`,
    ...(report.drifted.length > 0
      ? [
          formatColumns(
            report.drifted.map(cellsOf),
            HEAD.map((each) => each.toUpperCase()),
          ),
        ]
      : []),
    ...report.unreachable.map(({ cluster, reason }) => `  not compared: ${cluster} is unreachable (${reason})`),
    "",
  ].join("\n");

const renderMarkdown: DriftRenderer = (report) => {
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  return [
    `**${escapeMarkdown(headline(report))}**`,
    ...(report.drifted.length > 0
      ? ["", row(HEAD), row(HEAD.map(() => "---")), ...report.drifted.map((each) => row(cellsOf(each)))]
      : []),
    ...report.unreachable.flatMap(({ cluster, reason }) => [
      "",
      `Not compared: ${escapeMarkdown(cluster)} is unreachable (${escapeMarkdown(reason)}).`,
    ]),
    "",
  ].join("\n");
};

/** Formats of a drift report. */
export const DRIFT_FORMATS = ["table", "json", "markdown"] as const;

export const driftRenderers: Readonly<Record<(typeof DRIFT_FORMATS)[number], DriftRenderer>> = {
  table: renderTable,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  markdown: renderMarkdown,
};
