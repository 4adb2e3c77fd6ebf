import type { Finding, PolicyReport } from "../engine/report";
import { groupFindings, schemaLines, summaryText } from "./groups";
import { placeText } from "./table";

/** Maximum length of the tables. A comment on GitHub has at most 65,536 characters, some of which the end needs. */
const MAX_LENGTH = 60_000;

/** Renders the report as a comment for a pull request. Text from manifests is escaped: no markup, links or mentions. */
export function markdownReport(report: PolicyReport): string {
  const { error, warning } = report.counts;
  const head = `**Policy check ${error > 0 ? "failed" : warning > 0 ? "passed with warnings" : "passed"}**: ${escapeMarkdown(summaryText(report))}\n`;
  const schema = schemaLines(report).map((line) => `\n${escapeMarkdown(line)}\n`);
  let text = `${head}${schema.join("")}`;
  let remaining = report.findings.length;
  for (const { about, name, clusters, construct, findings } of groupFindings(report)) {
    const notes = [
      ...(clusters.length > 0 ? [`in ${clusters.map(escapeMarkdown).join(", ")}`] : []),
      ...(construct === undefined ? [] : [`created by ${code(construct)}`]),
    ];
    const section = [
      "",
      `${name === "" ? `The ${about}` : code(name)}${notes.length > 0 ? ` ${notes.join(", ")}` : ""}`,
      "",
      "| | rule | location | finding | remedy |",
      "| --- | --- | --- | --- | --- |",
      ...findings.map(tableRow),
      "",
    ].join("\n");
    if (text.length + section.length > MAX_LENGTH) break;
    text += section;
    remaining -= findings.length * Math.max(1, clusters.length);
  }
  text += skippedText(report, MAX_LENGTH - text.length);
  return remaining > 0
    ? `${text}\nThe comment is too long: ${remaining} more findings are in the other formats.\n`
    : text;
}

/** Lists the skipped files in at most `maxLength` characters. */
function skippedText({ skipped }: PolicyReport, maxLength: number): string {
  if (skipped.length === 0) return "";
  let text = "\nSkipped, because they are not Kubernetes manifests:\n\n";
  for (const [index, { file, line, what }] of skipped.entries()) {
    const item = `- ${code(line === undefined ? file : `${file}:${line}`)}: ${escapeMarkdown(what)}\n`;
    if (text.length + item.length > maxLength - 100) return `${text}- and ${skipped.length - index} more\n`;
    text += item;
  }
  return text;
}

function tableRow({ severity, rule, path, source, message, remedy, waived }: Finding): string {
  const location = [...(path === "" ? [] : [codeCell(path)]), ...(source ? [codeCell(placeText(source))] : [])].join(
    "<br>",
  );
  const remedyText = waived
    ? `waived until ${escapeMarkdown(waived.expires)}: ${escapeMarkdown(waived.reason)}`
    : escapeMarkdown(remedy);
  return `| ${waived ? "waived" : severity} | ${escapeMarkdown(rule)} | ${location} | ${escapeMarkdown(message)} | ${remedyText} |`;
}

const joinLines = (text: string): string => text.replace(/[\r\n]+/g, " ");

/** Escapes text for Markdown. Empty comments break mentions and links. */
function escapeMarkdown(text: string): string {
  return joinLines(text)
    .replace(/[\\`*_{}[\]<>()#+!|~&-]/g, (sign) => `\\${sign}`)
    .replace(/(https?|ftp|www)(:|\.)/gi, "$1<!-- -->$2")
    .replaceAll("@", "@<!-- -->");
}

/** Formats text as code. The text may contain backticks. */
function code(text: string): string {
  const longest = [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${joinLines(text)}${space}${fence}`;
}

/** Formats text as code in a table, where a bar ends the cell even within code. */
const codeCell = (text: string): string => code(text).replaceAll("|", "\\|");
