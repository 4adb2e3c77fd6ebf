import type { Finding, PolicyReport } from "../engine/report";
import { groupsOf, objectText, schemaText, summaryOf } from "./groups";
import { placeText } from "./table";

/** Longest text that a comment on GitHub may have is 65,536; what follows the tables needs some of it. */
const LONGEST = 60_000;

/** A comment for a pull request. What manifests hold stays text: no markup, no links, and nobody is called. */
export function markdownReport(report: PolicyReport): string {
  const { error, warning } = report.counts;
  const head = `**Policy ${error > 0 ? "broken" : warning > 0 ? "kept, with warnings" : "kept"}**: ${plain(summaryOf(report))}\n`;
  const schema = schemaText(report);
  let text = schema ? `${head}\n${plain(schema)}\n` : head;
  let left = report.findings.length;
  for (const { about, object, clusters, construct, findings } of groupsOf(report)) {
    const notes = [
      ...(clusters.length > 0 ? [`in ${clusters.map(plain).join(", ")}`] : []),
      ...(construct === undefined ? [] : [`made by ${code(construct)}`]),
    ];
    const file = about === "file" ? findings[0]!.source?.file : undefined;
    const name = object ? code(objectText(object)) : file === undefined ? `The ${about}` : code(file);
    const section = [
      "",
      `${name}${notes.length > 0 ? ` ${notes.join(", ")}` : ""}`,
      "",
      "| | rule | where | what | remedy |",
      "| --- | --- | --- | --- | --- |",
      ...findings.map(row),
      "",
    ].join("\n");
    if (text.length + section.length > LONGEST) break;
    text += section;
    left -= findings.length * Math.max(1, clusters.length);
  }
  text += skippedText(report, LONGEST - text.length);
  return left > 0 ? `${text}\nToo long for one comment: ${left} more findings are in the other formats.\n` : text;
}

/** What was not judged, cut to the room that is left. */
function skippedText({ skipped }: PolicyReport, room: number): string {
  if (skipped.length === 0) return "";
  let text = "\nNot judged, for it is no manifest:\n\n";
  for (const [index, { file, line, what }] of skipped.entries()) {
    const item = `- ${code(line === undefined ? file : `${file}:${line}`)}: ${plain(what)}\n`;
    if (text.length + item.length > room - 100) return `${text}- and ${skipped.length - index} more\n`;
    text += item;
  }
  return text;
}

function row({ severity, rule, path, source, message, remedy, waived }: Finding): string {
  const where = [...(path === "" ? [] : [cell(path)]), ...(source ? [cell(placeText(source))] : [])].join("<br>");
  const help = waived ? `waived until ${plain(waived.expires)}: ${plain(waived.reason)}` : plain(remedy);
  return `| ${waived ? "waived" : severity} | ${plain(rule)} | ${where} | ${plain(message)} | ${help} |`;
}

const flat = (text: string): string => text.replace(/[\r\n]+/g, " ");

/** Text that means nothing but itself. An empty comment after the sign keeps it from calling somebody. */
function plain(text: string): string {
  return flat(text)
    .replace(/[\\`*_{}[\]<>()#+!|~&-]/g, (sign) => `\\${sign}`)
    .replace(/(https?|ftp|www)(:|\.)/gi, "$1<!-- -->$2")
    .replaceAll("@", "@<!-- -->");
}

/** Text as code, whatever backticks are in it. */
function code(text: string): string {
  const longest = [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${flat(text)}${space}${fence}`;
}

/** In a table a bar would end the cell even in code. */
const cell = (text: string): string => code(text).replaceAll("|", "\\|");
