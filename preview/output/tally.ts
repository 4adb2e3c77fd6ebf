import { changesResources, listLosses } from "./plan-lines";
import type { PreviewReport, WorkloadName } from "../report";

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `telemetry/detector`: enough to find a workload in one cluster. */
export const shortName = ({ namespace, name }: Pick<WorkloadName, "namespace" | "name">): string =>
  `${namespace}/${name}`;

/** `main → working tree`; one name for a report about one state. */
export const describeRevisions = ({ base, head }: PreviewReport): string =>
  base === undefined ? head : `${base} → ${head}`;

/** Whether a report has something that should keep a change from being merged. */
export function isBlocking({ unschedulable, blocked, findings, errors, drills }: PreviewReport): boolean {
  return (
    errors.length > 0 ||
    drills.some((drill) => drill.errors.length > 0) ||
    unschedulable.some(({ before }) => !before) ||
    blocked.length > 0 ||
    findings.some(({ change, severity }) => change === "new" && severity === "error")
  );
}

/** `2 servers replaced or deleted`; false if no server and no volume is lost. */
function describeLosses({ plan }: PreviewReport): string | false {
  const losses = listLosses(plan);
  const texts = (["servers", "volume"] as const).flatMap((role) => {
    const count = losses.filter((loss) => loss.role === role).length;
    return count === 0 ? [] : [plural(count, role === "servers" ? "control plane" : "volume")];
  });
  return texts.length > 0 && `${texts.join(" and ")} replaced or deleted`;
}

/** What a change does in one line, the worst first: `4 pods won't fit · 11 move · 1 rule broken`. */
export function describeVerdict(report: PreviewReport): string {
  const { unschedulable, moves, created, removed, findings, blocked, errors, objects, notModelled, plan, warnings } =
    report;
  const sum = (items: readonly { readonly pods: number }[]): number =>
    items.reduce((total, { pods }) => total + pods, 0);
  const unfit = sum(unschedulable.filter(({ before }) => !before));
  const still = sum(unschedulable.filter(({ before }) => before));
  const broken = new Set(
    findings.filter(({ change, severity }) => change === "new" && severity === "error").map(({ rule }) => rule),
  ).size;
  const failed = report.drills.filter((drill) => drill.errors.length > 0).length;
  const parts = [
    errors.length > 0 && `${plural(errors.length, "error")} in the simulation`,
    failed > 0 && `${plural(failed, "drill")} could not run`,
    describeLosses(report),
    unfit > 0 && `${plural(unfit, "pod")} won't fit`,
    blocked.length > 0 && `${plural(blocked.length, "rollout")} cannot finish`,
    moves.length > 0 && `${moves.length} move`,
    broken > 0 && `${plural(broken, "rule")} broken`,
    created.length > 0 && `${plural(sum(created), "new pod")}`,
    removed.length > 0 && `${plural(sum(removed), "pod")} removed`,
    still > 0 && `${plural(still, "pod")} still won't fit`,
  ].filter((part) => part !== false);
  if (parts.length > 0) return parts.join(" · ");
  const changes = [
    objects.length > 0 && `${plural(objects.length, "object")} changed`,
    plan !== undefined && !("unknown" in plan) && changesResources(plan) && "Pulumi changes resources",
  ].filter((part) => part !== false);
  const quiet = changes.length > 0 ? `no pod moves; ${changes.join(", ")}` : "no change";
  const limits = [
    warnings.length > 0 && plural(warnings.length, "warning"),
    notModelled.length > 0 && `${plural(notModelled.length, "object")} not modelled`,
    plan !== undefined && "unknown" in plan && "Pulumi's plan is unknown",
  ].filter((part) => part !== false);
  return limits.length > 0 ? `${quiet} (${limits.join(", ")})` : quiet;
}
