import { engineRules } from "../engine/engine-rules";
import type { Finding, ObjectName, PolicyReport } from "../engine/report";

/** What was found about one object, file, fleet or policy, in every cluster where it is the same. */
export interface FindingGroup {
  /** What the findings are about, where it is no object. */
  readonly about: "fleet" | "policy" | "file";
  readonly object?: ObjectName;
  /** In order; empty where no cluster is known. */
  readonly clusters: readonly string[];
  readonly construct?: string;
  readonly findings: readonly Finding[];
}

/** Findings by object, each told once however many clusters it goes to. In the order in which the first of each comes. */
export function groupsOf({ findings }: PolicyReport): FindingGroup[] {
  const byObject = new Map<string, Finding[]>();
  for (const each of findings) {
    const key = JSON.stringify([each.cluster, each.object, each.construct, ...(each.object ? [] : wholeOf(each))]);
    const found = byObject.get(key);
    if (found) found.push(each);
    else byObject.set(key, [each]);
  }
  const merged = new Map<string, FindingGroup>();
  for (const group of byObject.values()) {
    const { object, construct, cluster } = group[0]!;
    const key = JSON.stringify([object, construct, group.map(({ cluster: _cluster, ...rest }) => rest)]);
    const clusters = [...(merged.get(key)?.clusters ?? []), ...(cluster === undefined ? [] : [cluster])];
    merged.set(key, {
      about: wholeOf(group[0]!)[0],
      ...(object && { object }),
      clusters,
      ...(construct !== undefined && { construct }),
      findings: merged.get(key)?.findings ?? group,
    });
  }
  return [...merged.values()];
}

/** What a finding without an object is about; of a file, which. */
function wholeOf({ rule, source }: Finding): readonly ["fleet" | "policy" | "file", string?] {
  if (rule === engineRules.manifestUnreadable.id) return ["file", source?.file];
  return [rule.startsWith("waiver-") ? "policy" : "fleet"];
}

/** `Deployment telemetry/dashboard`. */
export function objectText({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** `1 error`, `2 errors`. */
export const countText = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

/** `2 errors, 1 warning, 3 info, 1 waived: 34 rules over 312 objects`. */
export function summaryOf({ counts, rules, objects, skipped, environment }: PolicyReport): string {
  const { error, warning, info, waived } = counts;
  const parts = [
    countText(error, "error"),
    countText(warning, "warning"),
    ...(info > 0 ? [`${info} info`] : []),
    ...(waived > 0 ? [`${waived} waived`] : []),
  ];
  const left = skipped.length > 0 ? `, ${skipped.length} not judged` : "";
  return `${parts.join(", ")}: ${countText(rules.length, "rule")} over ${countText(objects, "object")}${left}, environment ${environment}`;
}

/** What objects were checked by: `Kubernetes 1.36 by the API server's own validation`. */
export function schemaText({ schema = [] }: PolicyReport): string {
  const by = {
    "api-server": "by the API server's own validation",
    openapi: "by its OpenAPI schema alone: `skerry tools` builds what knows the rest",
  };
  return schema.map((each) => `Kubernetes ${each.kubernetes} ${by[each.by]}`).join("; ");
}
