import pc from "picocolors";

import type { Finding, PolicyReport, SourcePlace } from "../engine/report";
import type { Severity } from "../engine/rule";
import { type FindingGroup, groupsOf, objectText, schemaText, summaryOf } from "./groups";

type Colors = ReturnType<typeof pc.createColors>;

/** Characters that move a terminal's cursor, or turn the direction of what follows. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What manifests hold may be anybody's: what a terminal would obey is shown as its number. */
const safe = (text: string): string => text.replace(UNSEEN, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`);

/** The report for people. @param color whether it goes to a terminal that shows colours */
export function tableReport(report: PolicyReport, color: boolean): string {
  const { red, yellow, green, dim } = pc.createColors(color);
  const { error, warning } = report.counts;
  const paint = error > 0 ? red : warning > 0 ? yellow : green;
  const schema = schemaText(report);
  const summary = `${paint(safe(summaryOf(report)))}\n${schema && `${dim(safe(schema))}\n`}`;
  return `${findingsText(report, color)}${skippedText(report, color)}${summary}`;
}

/** Most files that are listed as not being manifests. */
const MOST_SKIPPED = 20;

function skippedText({ skipped }: PolicyReport, color: boolean): string {
  if (skipped.length === 0) return "";
  const { bold, dim } = pc.createColors(color);
  const lines = skipped
    .slice(0, MOST_SKIPPED)
    .map(({ file, line, what }) => `  ${safe(line === undefined ? file : `${file}:${line}`)}  ${dim(safe(what))}`);
  const more = skipped.length - lines.length;
  if (more > 0) lines.push(dim(`  and ${more} more, which --format json lists`));
  return `${bold("not judged, for it is no manifest")}\n${lines.join("\n")}\n\n`;
}

/** The findings of a report alone; each group of them ends with an empty line. */
export function findingsText(report: PolicyReport, color: boolean): string {
  const colors = pc.createColors(color);
  return groupsOf(report)
    .map((group) => `${groupText(group, colors)}\n`)
    .join("");
}

function groupText(group: FindingGroup, colors: Colors): string {
  return [headOf(group, colors), ...group.findings.map((each) => findingText(each, colors)), ""].join("\n");
}

function headOf({ about, object, clusters, construct, findings }: FindingGroup, { bold, dim }: Colors): string {
  const notes = [
    ...(clusters.length > 0 ? [`in ${clusters.join(", ")}`] : []),
    ...(construct !== undefined ? [`made by ${construct}`] : []),
  ];
  const whole = about === "file" ? (findings[0]!.source?.file ?? about) : about;
  const name = object ? objectText(object) : whole;
  return `${bold(safe(name))}${notes.length > 0 ? ` ${dim(safe(notes.join(", ")))}` : ""}`;
}

const WIDTH = "warning".length;

function findingText({ rule, severity, path, message, remedy, source, waived }: Finding, colors: Colors): string {
  const paints: Readonly<Record<Severity, (text: string) => string>> = {
    error: colors.red,
    warning: colors.yellow,
    info: colors.cyan,
  };
  const mark = waived ? colors.dim("waived".padEnd(WIDTH)) : paints[severity](severity.padEnd(WIDTH));
  const indent = " ".repeat(2 + WIDTH + 2);
  const where = [path, ...(source ? [placeText(source)] : [])].filter((text) => text !== "");
  return [
    `  ${mark}  ${colors.bold(rule)}${where.length > 0 ? `  ${safe(where.join("  "))}` : ""}`,
    `${indent}${safe(message)}`,
    waived
      ? `${indent}${colors.dim(safe(`until ${waived.expires}: ${waived.reason}`))}`
      : `${indent}${colors.dim(`→ ${safe(remedy)}`)}`,
  ].join("\n");
}

/** `stacks/local.ts:142`, which editors and terminals open. */
export function placeText({ file, line, column }: SourcePlace): string {
  return `${file}:${line}${column === undefined ? "" : `:${column}`}`;
}
