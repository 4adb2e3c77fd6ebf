import { create } from "xmlbuilder2";

import type { Finding, PolicyReport } from "../engine/report";
import type { Severity } from "../engine/rule";
import { objectText } from "./groups";
import { placeText } from "./table";

type Element = ReturnType<typeof create>;

/** Letters that XML 1.0 cannot hold, even escaped: most control characters, and halves of pairs. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const xml = (text: string): string => text.replace(NOT_XML, "\ufffd");

/**
 * The report as JUnit's XML: a suite a rule, a test for each of its findings, or one that passes.
 *
 * @param failing whether a finding of this severity fails the build; one that does not passes, and is told
 */
export function junitReport(report: PolicyReport, failing: (severity: Severity) => boolean): string {
  const failed = (each: Finding): boolean => !each.waived && failing(each.severity);
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites", {
    name: `skerry policy, ${xml(report.environment)}`,
    tests: report.rules.reduce((sum, { id }) => sum + Math.max(1, of(report, id).length), 0),
    failures: report.findings.filter(failed).length,
    skipped: report.findings.filter(({ waived }) => waived).length,
  });
  for (const rule of report.rules) {
    const findings = of(report, rule.id);
    const suite = root.ele("testsuite", {
      name: xml(rule.id),
      tests: Math.max(1, findings.length),
      failures: findings.filter(failed).length,
      skipped: findings.filter(({ waived }) => waived).length,
    });
    if (findings.length === 0) suite.ele("testcase", { classname: xml(rule.id), name: xml(rule.title) });
    for (const finding of findings) testCase(suite, finding, failed(finding));
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

const of = ({ findings }: PolicyReport, id: string): Finding[] => findings.filter(({ rule }) => rule === id);

function testCase(suite: Element, finding: Finding, failed: boolean): void {
  const { rule, severity, message, remedy, cluster, object, path, source, waived } = finding;
  const name = [cluster, object && objectText(object), path].filter(Boolean).join(" ");
  const test = suite.ele("testcase", {
    classname: xml(rule),
    name: xml(name || rule),
    ...(source && { file: xml(source.file), line: source.line }),
  });
  const told = xml([message, remedy, ...(source ? [placeText(source)] : [])].join("\n"));
  if (waived) test.ele("skipped", { message: xml(`waived until ${waived.expires}: ${waived.reason}`) });
  else if (failed) test.ele("failure", { type: severity, message: xml(message) }).txt(told);
  else test.ele("system-out").txt(`${severity}: ${told}`);
}
