import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";

import type { Log, Notification, ReportingDescriptor, Result } from "sarif";

import { engineRules } from "../engine/engine-rules";
import type { Finding, PolicyReport, SkippedManifest } from "../engine/report";
import type { Severity } from "../engine/rule";
import { objectText } from "./groups";

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  info: "note",
};

export interface SarifOptions {
  /** Skerry's version. */
  readonly version: string;
  /** Root folder of the repository. The report has paths relative to it. */
  readonly root: string;
}

/**
 * Renders the report as SARIF 2.1.0, for GitHub code scanning and other tools. The fingerprint of a finding depends on its
 * rule, object and path, but not on its line.
 */
export function sarifReport(report: PolicyReport, { version, root }: SarifOptions): string {
  const ids = report.rules.map(({ id }) => id);
  const fingerprint = fingerprinter();
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Skerry", semanticVersion: version, rules: report.rules.map(descriptor) } },
        automationDetails: { id: `skerry/policy/${report.environment}` },
        columnKind: "utf16CodeUnits",
        ...(report.skipped.length > 0 && {
          invocations: [
            {
              executionSuccessful: true,
              toolExecutionNotifications: report.skipped.map((skipped) => skippedNotification(skipped, root)),
            },
          ],
        }),
        results: report.findings.map((finding) =>
          result(finding, ids.indexOf(finding.rule), fingerprint(finding), root),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function skippedNotification({ file, line, what }: SkippedManifest, root: string): Notification {
  const physicalLocation = {
    artifactLocation: uriOf(file, root),
    ...(line !== undefined && { region: { startLine: line } }),
  };
  return { level: "note", message: { text: `skipped: ${what}` }, locations: [{ physicalLocation }] };
}

function descriptor({ id, title, why, remedy, severity }: PolicyReport["rules"][number]): ReportingDescriptor {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${why}\n\n${remedy}` },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function result(finding: Finding, ruleIndex: number, fingerprint: string, root: string): Result {
  const { rule, severity, message, remedy, object, resource, cluster, path, construct, source, waived } = finding;
  const name = object ? objectText(object) : resource?.name;
  const about = [name, cluster === undefined ? undefined : `in ${cluster}`].filter(Boolean).join(" ");
  const qualifiedName = [cluster, name, path].filter(Boolean).join(" ");
  const logical = [
    ...(qualifiedName === "" ? [] : [{ fullyQualifiedName: qualifiedName, kind: "object" }]),
    ...(construct === undefined ? [] : [{ fullyQualifiedName: construct, kind: "construct" }]),
  ];
  const physical = source && {
    physicalLocation: {
      artifactLocation: uriOf(source.file, root),
      region: { startLine: source.line, ...(source.column !== undefined && { startColumn: source.column }) },
    },
  };
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${[about, path].filter(Boolean).join(": ")}${about || path ? ": " : ""}${message}\n${remedy}` },
    locations:
      physical || logical.length > 0 ? [{ ...physical, ...(logical.length > 0 && { logicalLocations: logical }) }] : [],
    partialFingerprints: { "skerryFinding/v1": fingerprint },
    ...(waived && {
      suppressions: [
        {
          kind: "external" as const,
          status: "accepted" as const,
          justification: `until ${waived.expires}: ${waived.reason}`,
        },
      ],
    }),
  };
}

/** Returns a file's URI: relative to the root when the file is in the repository. */
function uriOf(file: string, root: string): { uri: string; uriBaseId?: string } {
  const path = isAbsolute(file) ? relative(root, file) : file;
  const escaped = path.split(sep).map(encodeURIComponent).join("/");
  if (isAbsolute(path) || path.startsWith("..")) return { uri: escaped };
  return { uri: escaped, uriBaseId: "%SRCROOT%" };
}

/** Returns a function that computes fingerprints. Findings that are otherwise equal differ by their order. */
function fingerprinter(): (finding: Finding) => string {
  const seen = new Map<string, number>();
  return ({ rule, cluster, object, resource, path, source }) => {
    // An unreadable manifest is identified by its file only.
    const location = rule === engineRules.manifestUnreadable.id ? (source?.file ?? "") : path;
    const identity = JSON.stringify([rule, cluster ?? "", object ?? resource ?? "", location]);
    const index = seen.get(identity) ?? 0;
    seen.set(identity, index + 1);
    return createHash("sha256").update(`${identity}${index}`).digest("hex").slice(0, 32);
  };
}
