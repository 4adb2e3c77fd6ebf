import type { ObjectChange, PreviewReport } from "../report";
import { drillLines } from "./drill-lines";
import { blockedLine, countLine, moveLines, unschedulableLine } from "./lines";
import { planLines, planTitle } from "./plan-lines";

/** A part of a report: a title and one line per item. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Longest value of a field that a line shows. */
const LONGEST_VALUE = 60;

function shortValue(value: unknown): string {
  if (value === undefined) return "–";
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** Fields of one object that are listed; the JSON report has them all. */
const SHOWN_FIELDS = 6;

function fieldLines({ object, fields }: ObjectChange): string[] {
  const lines = fields
    .slice(0, SHOWN_FIELDS)
    .map(({ path, before, after }) => `${object} ${path}: ${shortValue(before)} → ${shortValue(after)}`);
  const more = fields.length - lines.length;
  return more > 0 ? [...lines, `${object}: ${more} more field${more === 1 ? "" : "s"}`] : lines;
}

/** The same change to the same object of several clusters is one line. */
function objectLines(objects: readonly ObjectChange[]): string[] {
  const groups = new Map<string, string[]>();
  for (const each of objects) {
    const lines = each.change === "changed" ? fieldLines(each) : [`${each.object}: ${each.change}`];
    for (const line of lines) groups.set(line, [...(groups.get(line) ?? []), each.cluster]);
  }
  return [...groups].map(([line, clusters]) => `${line} (${clusters.join(", ")})`);
}

/** The sections of a report that are not empty, the worst first. */
export function listSections(report: PreviewReport): Section[] {
  const { findings } = report;
  const findingLines = (change: "new" | "fixed"): string[] =>
    findings
      .filter((each) => each.change === change)
      .map(({ severity, rule, object, cluster, path, message }) => {
        const where = [object, cluster && `in ${cluster}`, path].filter(Boolean).join(" ");
        return `${severity} ${rule}: ${where}: ${message}`;
      });
  const all: Section[] = [
    { title: "Errors", lines: report.errors },
    { title: "Pods that won't fit", lines: report.unschedulable.map(unschedulableLine) },
    { title: "Rollouts that cannot finish", lines: report.blocked.map(blockedLine) },
    { title: "New policy findings", lines: findingLines("new") },
    { title: "Drills", lines: drillLines(report) },
    { title: planTitle(report.plan), lines: planLines(report.plan) },
    { title: "Moves", lines: moveLines(report.moves) },
    { title: "New pods", lines: report.created.map(countLine) },
    { title: "Removed pods", lines: report.removed.map(countLine) },
    { title: "Fixed policy findings", lines: findingLines("fixed") },
    { title: "Changed objects", lines: objectLines(report.objects) },
    { title: "Warnings", lines: report.warnings },
    { title: "Not modelled", lines: report.notModelled },
  ];
  return all.filter(({ lines }) => lines.length > 0);
}
