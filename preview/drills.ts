import type { Displacement, DrillResult, DrillWorkload } from "./report";
import type { Drill, DrillReport, Outcome, SimulationReport } from "./simulator/protocol";

/** A drill as the command line has it: `region=tokyo`, `node=tokyo-gw-01`, `link=tokyo:osaka`. */
export function formatDrill({ region, node, link }: Drill): string {
  if (link) return `link=${link.from}:${link.to}`;
  return region === undefined ? `node=${node}` : `region=${region}`;
}

const keyOf = ({ kind, namespace, name }: DrillWorkload["workload"]): string => `${kind} ${namespace}/${name}`;

/** The pods that each workload of a cluster keeps in one drill. */
function leftPods(
  cluster: string,
  report: DrillReport | undefined,
): Map<string, Omit<DrillWorkload, "left"> & { left: number }> {
  return new Map(
    (report?.workloads ?? []).map(({ kind, namespace, name, desired, after }) => {
      const workload = { cluster, kind, namespace, name };
      return [keyOf(workload), { workload, desired, left: after }];
    }),
  );
}

/** Counts the pods that a drill displaces, by region and fate. */
function countDisplaced(cluster: string, { nodes }: Outcome, report: DrillReport | undefined): Displacement[] {
  const regions = new Map(nodes.map(({ name, region = "" }) => [name, region]));
  const groups = new Map<string, Displacement>();
  for (const { node, to: target, fate, afterSeconds: seconds } of report?.displaced ?? []) {
    const from = regions.get(node) ?? "";
    const to = target === undefined ? undefined : (regions.get(target) ?? "");
    const key = [from, to, fate].join("\0");
    const { pods = 0, afterSeconds } = groups.get(key) ?? {};
    const latest = Math.max(afterSeconds ?? 0, seconds ?? 0);
    groups.set(key, {
      cluster,
      from,
      ...(to !== undefined && { to }),
      fate,
      pods: pods + 1,
      ...((afterSeconds ?? seconds) !== undefined && { afterSeconds: latest }),
    });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/**
 * The results of the same drills in every cluster, before and after a change.
 *
 * @param reports one report per cluster
 */
export function collectDrills(drills: readonly Drill[], reports: readonly SimulationReport[]): DrillResult[] {
  return drills.map((drill, index) => {
    const workloads: DrillWorkload[] = [];
    const displaced: Displacement[] = [];
    const errors: string[] = [];
    for (const { cluster, before, after } of reports) {
      const [one, other] = [before?.drills?.[index], after.drills?.[index]];
      // A region or node that a cluster does not have is no error in that cluster.
      if (other?.error !== undefined) errors.push(`${cluster}: ${other.error}`);
      displaced.push(...countDisplaced(cluster, after, other));
      const [old, current] = [leftPods(cluster, one), leftPods(cluster, other)];
      for (const key of [...new Set([...old.keys(), ...current.keys()])].sort()) {
        const { workload, desired } = (current.get(key) ?? old.get(key))!;
        const kept = current.get(key)?.left ?? desired;
        workloads.push({ workload, desired, left: { before: old.get(key)?.left ?? desired, after: kept } });
      }
    }
    const everywhere = errors.length === reports.length;
    return { drill: formatDrill(drill), displaced, workloads, errors: everywhere ? errors : [] };
  });
}
