import type { Finding, PolicyReport } from "../policies/engine/report";
import type { FindingChange } from "./report";

/** What identifies a finding across revisions. Lines and constructs may move, and counts in its message may change. */
const identify = ({ rule, cluster = "", object, path, drill }: Finding): string =>
  JSON.stringify([rule, cluster, object?.kind, object?.namespace, object?.name, path, drill]);

function describe(change: FindingChange["change"], finding: Finding): FindingChange {
  const { rule, severity, cluster, object, path, message } = finding;
  const namespace = object?.namespace === undefined ? "" : `${object.namespace}/`;
  return {
    change,
    rule,
    severity,
    ...(cluster !== undefined && { cluster }),
    ...(object && { object: `${object.kind} ${namespace}${object.name}` }),
    path,
    message,
  };
}

/** The findings that only one of two reports has. Waived findings count as fixed. */
export function compareFindings(before: PolicyReport, after: PolicyReport): FindingChange[] {
  const active = (report: PolicyReport): Map<string, Finding> =>
    new Map(report.findings.filter(({ waived }) => !waived).map((finding) => [identify(finding), finding]));
  const [old, current] = [active(before), active(after)];
  const only = (these: Map<string, Finding>, others: Map<string, Finding>): Finding[] =>
    [...these].filter(([key]) => !others.has(key)).map(([, finding]) => finding);
  return [
    ...only(current, old).map((finding) => describe("new", finding)),
    ...only(old, current).map((finding) => describe("fixed", finding)),
  ];
}
