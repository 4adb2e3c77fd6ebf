import { create } from "xmlbuilder2";

import type { Finding, PolicyReport } from "../engine/report";
import type { Severity } from "../engine/rule";
import { objectText } from "./groups";
import { placeText } from "./table";

type Element = ReturnType<typeof create>;

/** Characters that XML 1.0 cannot contain, even escaped: most control characters, and unpaired surrogates. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const xml = (text: string): string => text.replace(NOT_XML, "\ufffd");

/**
 * Renders the report as JUnit XML: one test suite per rule with one test case per finding, or with one passing test case.
 *
 * @param isFailing whether findings of a severity fail the check; other findings are passing test cases with output
 */
export function junitReport(report: PolicyReport, isFailing: (severity: Severity) => boolean): string {
  const isFailed = (finding: Finding): boolean => !finding.waived && isFailing(finding.severity);
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites", {
    name: `skerry policy, ${xml(report.environment)}`,
    tests: report.rules.reduce((sum, { id }) => sum + Math.max(1, findingsOf(report, id).length), 0),
    failures: report.findings.filter(isFailed).length,
    skipped: report.findings.filter(({ waived }) => waived).length,
  });
  for (const rule of report.rules) {
    const findings = findingsOf(report, rule.id);
    const suite = root.ele("testsuite", {
      name: xml(rule.id),
      tests: Math.max(1, findings.length),
      failures: findings.filter(isFailed).length,
      skipped: findings.filter(({ waived }) => waived).length,
    });
    if (findings.length === 0) suite.ele("testcase", { classname: xml(rule.id), name: xml(rule.title) });
    for (const finding of findings) addTestCase(suite, finding, isFailed(finding));
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

const findingsOf = ({ findings }: PolicyReport, id: string): Finding[] => findings.filter(({ rule }) => rule === id);

function addTestCase(suite: Element, finding: Finding, isFailed: boolean): void {
  const { rule, severity, message, remedy, cluster, object, resource, path, source, waived } = finding;
  const name = [cluster, object && objectText(object), resource?.name, path].filter(Boolean).join(" ");
  const test = suite.ele("testcase", {
    classname: xml(rule),
    name: xml(name || rule),
    ...(source && { file: xml(source.file), line: source.line }),
  });
  const details = xml([message, remedy, ...(source ? [placeText(source)] : [])].join("\n"));
  if (waived) test.ele("skipped", { message: xml(`waived until ${waived.expires}: ${waived.reason}`) });
  else if (isFailed) test.ele("failure", { type: severity, message: xml(message) }).txt(details);
  else test.ele("system-out").txt(`${severity}: ${details}`);
}
