import { engineRules } from "../engine/engine-rules";
import type { Finding, ObjectName, PolicyReport } from "../engine/report";

/** The findings about one object, cloud resource, file, fleet or policy, in all clusters in which they are the same. */
export interface FindingGroup {
  readonly about: "object" | "resource" | "file" | "fleet" | "policy";
  /** Name of the object, resource or file: `Deployment telemetry/dashboard`. Empty for the fleet and the policy. */
  readonly name: string;
  /** In the order of the report. Empty when the cluster is unknown. */
  readonly clusters: readonly string[];
  readonly construct?: string;
  readonly findings: readonly Finding[];
}

/** Groups findings by what they are about. Groups that are equal in several clusters are merged. */
export function groupFindings({ findings }: PolicyReport): FindingGroup[] {
  const bySubject = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { cluster, object, resource, construct } = finding;
    const isNamed = object !== undefined || resource !== undefined;
    const key = JSON.stringify([cluster, object, resource, construct, ...(isNamed ? [] : subjectOf(finding))]);
    const group = bySubject.get(key);
    if (group) group.push(finding);
    else bySubject.set(key, [finding]);
  }
  const merged = new Map<string, FindingGroup>();
  for (const group of bySubject.values()) {
    const { object, resource, construct, cluster } = group[0]!;
    const key = JSON.stringify([object, resource, construct, group.map(({ cluster: _cluster, ...rest }) => rest)]);
    const clusters = [...(merged.get(key)?.clusters ?? []), ...(cluster === undefined ? [] : [cluster])];
    const [about, name] = subjectOf(group[0]!);
    merged.set(key, {
      about,
      name,
      clusters,
      ...(construct !== undefined && { construct }),
      findings: merged.get(key)?.findings ?? group,
    });
  }
  return [...merged.values()];
}

const POLICY_RULES: ReadonlySet<string> = new Set(
  [engineRules.ruleFailed, engineRules.waiverExpired, engineRules.waiverUnused, engineRules.waiverLasting].map(
    ({ id }) => id,
  ),
);

/** Returns what a finding is about, and its name. */
function subjectOf({ rule, object, resource, source }: Finding): readonly [FindingGroup["about"], string] {
  if (object) return ["object", objectText(object)];
  if (resource) return ["resource", `${resource.type} ${resource.name}`];
  if (rule === engineRules.manifestUnreadable.id) return ["file", source?.file ?? ""];
  return [POLICY_RULES.has(rule) ? "policy" : "fleet", ""];
}

/** Formats an object's name: `Deployment telemetry/dashboard`. */
export function objectText({ kind, namespace, name }: Omit<ObjectName, "apiVersion">): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** Formats a number of things: `1 error`, `2 errors`. */
export const countText = (count: number, singular: string): string =>
  `${count} ${count === 1 ? singular : `${singular}s`}`;

/** Formats the counts: `2 errors, 1 warning, 3 info, 1 waived: 34 rules over 312 objects, environment production`. */
export function summaryText({ counts, rules, objects, skipped, environment }: PolicyReport): string {
  const { error, warning, info, waived } = counts;
  const parts = [
    countText(error, "error"),
    countText(warning, "warning"),
    ...(info > 0 ? [`${info} info`] : []),
    ...(waived > 0 ? [`${waived} waived`] : []),
  ];
  const skippedText = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  return `${parts.join(", ")}: ${countText(rules.length, "rule")} over ${countText(objects, "object")}${skippedText}, environment ${environment}`;
}

/** Formats how objects were checked, one line per Kubernetes version: `Kubernetes 1.36: checked with the API server's validation`. */
export function schemaLines({ schema = [] }: PolicyReport): string[] {
  const by = {
    "api-server": "the API server's validation",
    openapi: "the OpenAPI schema only; `skerry tools` builds the API server's validation",
  };
  return schema.map((check) => `Kubernetes ${check.kubernetes}: checked with ${by[check.by]}`);
}
