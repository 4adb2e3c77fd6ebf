import pc from "picocolors";

import type { Finding, PolicyReport, SourcePlace } from "../engine/report";
import type { Severity } from "../engine/rule";
import { type FindingGroup, groupFindings, schemaLines, summaryText } from "./groups";

type Colors = ReturnType<typeof pc.createColors>;

/** Characters that control a terminal or change the direction of text. */
// eslint-disable-next-line no-control-regex -- the expression matches control characters
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Escapes control characters. Text from manifests is untrusted. */
const escapeControls = (text: string): string =>
  text.replace(CONTROL_CHARACTERS, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/**
 * Renders the report as text.
 *
 * @param color whether to use a terminal's colors
 */
export function tableReport(report: PolicyReport, color: boolean): string {
  const { red, yellow, green, dim } = pc.createColors(color);
  const { error, warning } = report.counts;
  const paint = error > 0 ? red : warning > 0 ? yellow : green;
  const summary = `${paint(escapeControls(summaryText(report)))}\n`;
  const schema = schemaLines(report).map((line) => `${dim(escapeControls(line))}\n`);
  return `${findingsText(report, color)}${skippedText(report, color)}${summary}${schema.join("")}`;
}

/** Maximum number of skipped files to list. */
const MAX_SKIPPED = 20;

function skippedText({ skipped }: PolicyReport, color: boolean): string {
  if (skipped.length === 0) return "";
  const { bold, dim } = pc.createColors(color);
  const lines = skipped
    .slice(0, MAX_SKIPPED)
    .map(
      ({ file, line, what }) =>
        `  ${escapeControls(line === undefined ? file : `${file}:${line}`)}  ${dim(escapeControls(what))}`,
    );
  const more = skipped.length - lines.length;
  if (more > 0) lines.push(dim(`  and ${more} more, listed by --format json`));
  return `${bold("skipped: not Kubernetes manifests")}\n${lines.join("\n")}\n\n`;
}

/** Renders the findings only. Each group ends with an empty line. */
export function findingsText(report: PolicyReport, color: boolean): string {
  const colors = pc.createColors(color);
  return groupFindings(report)
    .map((group) => `${groupText(group, colors)}\n`)
    .join("");
}

function groupText(group: FindingGroup, colors: Colors): string {
  return [headText(group, colors), ...group.findings.map((finding) => findingText(finding, colors)), ""].join("\n");
}

function headText({ about, name, clusters, construct }: FindingGroup, { bold, dim }: Colors): string {
  const notes = [
    ...(clusters.length > 0 ? [`in ${clusters.join(", ")}`] : []),
    ...(construct !== undefined ? [`created by ${construct}`] : []),
  ];
  return `${bold(escapeControls(name || about))}${notes.length > 0 ? ` ${dim(escapeControls(notes.join(", ")))}` : ""}`;
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
  const location = [path, ...(source ? [placeText(source)] : [])].filter((text) => text !== "");
  return [
    `  ${mark}  ${colors.bold(rule)}${location.length > 0 ? `  ${escapeControls(location.join("  "))}` : ""}`,
    `${indent}${escapeControls(message)}`,
    waived
      ? `${indent}${colors.dim(escapeControls(`until ${waived.expires}: ${waived.reason}`))}`
      : `${indent}${colors.dim(`→ ${escapeControls(remedy)}`)}`,
  ].join("\n");
}

/** Formats a position as `stacks/local.ts:142:7`, which editors and terminals open. */
export function placeText({ file, line, column }: SourcePlace): string {
  return `${file}:${line}${column === undefined ? "" : `:${column}`}`;
}
