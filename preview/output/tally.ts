import type { PreviewReport, WorkloadName } from "../report";

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `telemetry/detector`: enough to find a workload in one cluster. */
export const shortName = ({ namespace, name }: WorkloadName): string => `${namespace}/${name}`;

/** `main → working tree`; one name for a report about one state. */
export const describeRevisions = ({ base, head }: PreviewReport): string =>
  base === undefined ? head : `${base} → ${head}`;

/** Whether a report has something that should keep a change from being merged. */
export function isBlocking({ unschedulable, blocked, findings, errors }: PreviewReport): boolean {
  return (
    errors.length > 0 ||
    unschedulable.some(({ before }) => !before) ||
    blocked.length > 0 ||
    findings.some(({ change, severity }) => change === "new" && severity === "error")
  );
}

/** What a change does in one line, the worst first: `4 pods won't fit · 11 move · 1 rule broken`. */
export function describeVerdict(report: PreviewReport): string {
  const { unschedulable, moves, created, removed, findings, blocked, errors, objects, notModelled } = report;
  const sum = (items: readonly { readonly pods: number }[]): number =>
    items.reduce((total, { pods }) => total + pods, 0);
  const unfit = sum(unschedulable.filter(({ before }) => !before));
  const still = sum(unschedulable.filter(({ before }) => before));
  const broken = new Set(
    findings.filter(({ change, severity }) => change === "new" && severity === "error").map(({ rule }) => rule),
  ).size;
  const parts = [
    errors.length > 0 && `${plural(errors.length, "error")} in the simulation`,
    unfit > 0 && `${plural(unfit, "pod")} won't fit`,
    blocked.length > 0 && `${plural(blocked.length, "rollout")} cannot finish`,
    moves.length > 0 && `${moves.length} move`,
    broken > 0 && `${plural(broken, "rule")} broken`,
    created.length > 0 && `${plural(sum(created), "new pod")}`,
    removed.length > 0 && `${plural(sum(removed), "pod")} removed`,
    still > 0 && `${plural(still, "pod")} still won't fit`,
  ].filter((part) => part !== false);
  if (parts.length > 0) return parts.join(" · ");
  const quiet = objects.length > 0 ? `no pod moves; ${plural(objects.length, "object")} changed` : "no change";
  return notModelled.length > 0 ? `${quiet} (${plural(notModelled.length, "object")} not modelled)` : quiet;
}
