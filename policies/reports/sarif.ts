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
  /** Version of Skerry. */
  readonly version: string;
  /** The folder to which files are named relative: where the repository lies. */
  readonly root: string;
}

/**
 * The report for GitHub's code scanning and others that read SARIF 2.1.0. A finding keeps its fingerprint while its rule,
 * object and path are the same, wherever its line moves to.
 */
export function sarifReport(report: PolicyReport, { version, root }: SarifOptions): string {
  const ids = report.rules.map(({ id }) => id);
  const print = fingerprints();
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
              toolExecutionNotifications: report.skipped.map((each) => notification(each, root)),
            },
          ],
        }),
        results: report.findings.map((finding) => result(finding, ids.indexOf(finding.rule), print(finding), root)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** What was not judged. */
function notification({ file, line, what }: SkippedManifest, root: string): Notification {
  const physicalLocation = {
    artifactLocation: uriOf(file, root),
    ...(line !== undefined && { region: { startLine: line } }),
  };
  return { level: "note", message: { text: `not judged: ${what}` }, locations: [{ physicalLocation }] };
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

function result(finding: Finding, ruleIndex: number, print: string, root: string): Result {
  const { rule, severity, message, remedy, object, cluster, path, construct, source, waived } = finding;
  const name = object ? objectText(object) : undefined;
  const about = [name, cluster === undefined ? undefined : `in ${cluster}`].filter(Boolean).join(" ");
  const fully = [cluster, name, path].filter(Boolean).join(" ");
  const logical = [
    ...(fully === "" ? [] : [{ fullyQualifiedName: fully, kind: "object" }]),
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
    partialFingerprints: { "skerryFinding/v1": print },
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

/** A file of the repository is named from its root, with `/`; another by its whole path. */
function uriOf(file: string, root: string): { uri: string; uriBaseId?: string } {
  const inside = isAbsolute(file) ? relative(root, file) : file;
  const escaped = inside.split(sep).map(encodeURIComponent).join("/");
  if (isAbsolute(inside) || inside.startsWith("..")) return { uri: escaped };
  return { uri: escaped, uriBaseId: "%SRCROOT%" };
}

/** What a finding is known by. Several at one place are told apart by their order. */
function fingerprints(): (finding: Finding) => string {
  const seen = new Map<string, number>();
  return ({ rule, cluster, object, path, source }) => {
    // Of what cannot be read, nothing but the file is known.
    const place = rule === engineRules.manifestUnreadable.id ? (source?.file ?? "") : path;
    const identity = JSON.stringify([rule, cluster ?? "", object ?? "", place]);
    const nth = seen.get(identity) ?? 0;
    seen.set(identity, nth + 1);
    return createHash("sha256").update(`${identity}${nth}`).digest("hex").slice(0, 32);
  };
}
