import { type DrilledState, findViolations, joinViolations } from "./violations";
import type {
  Displacement,
  DrillCluster,
  DrillLink,
  DrillResult,
  DrillWorkload,
  IntentViolation,
  LostVolume,
} from "../report";
import type { ClusterState, Drill, DrillReport, Outcome, SimulationReport } from "../simulator/protocol";

/** A drill as the command line has it: `region=tokyo`, `node=tokyo-gw-01`, `link=tokyo:osaka`. */
export function formatDrill({ region, node, link }: Drill): string {
  if (link) return `link=${link.from}:${link.to}`;
  return region === undefined ? `node=${node}` : `region=${region}`;
}

const keyOf = ({ kind, namespace, name }: DrillWorkload["workload"]): string => `${kind} ${namespace}/${name}`;

type Left = Pick<DrillWorkload, "workload" | "desired"> & { readonly kept: number; readonly left: number };

/** The pods that each workload of a cluster keeps in one drill. */
function leftPods(cluster: string, report: DrillReport | undefined): Map<string, Left> {
  return new Map(
    (report?.workloads ?? []).map(({ kind, namespace, name, desired, during, after }) => {
      const workload = { cluster, kind, namespace, name };
      return [keyOf(workload), { workload, desired, kept: during, left: after }];
    }),
  );
}

/** The new nodes of displaced pods, by workload and region. */
function countReplaced(
  cluster: string,
  regions: ReadonlyMap<string, string>,
  report: DrillReport | undefined,
): Map<string, Record<string, number>> {
  const counts = new Map<string, Record<string, number>>();
  for (const { owner, to } of report?.displaced ?? []) {
    if (!owner || to === undefined) continue;
    const key = keyOf({ cluster, ...owner });
    const region = regions.get(to) ?? "";
    const ofOwner = counts.get(key) ?? {};
    counts.set(key, { ...ofOwner, [region]: (ofOwner[region] ?? 0) + 1 });
  }
  return counts;
}

const regionsOf = ({ nodes }: Outcome): Map<string, string> =>
  new Map(nodes.map(({ name, region = "" }) => [name, region]));

/** Joins what the workloads of a cluster keep in one drill before and after a change. */
function joinWorkloads(
  { cluster, after: outcome }: SimulationReport,
  before: DrillReport | undefined,
  after: DrillReport | undefined,
): DrillWorkload[] {
  const [old, current] = [leftPods(cluster, before), leftPods(cluster, after)];
  const replaced = countReplaced(cluster, regionsOf(outcome), after);
  return [...new Set([...old.keys(), ...current.keys()])].sort().map((key) => {
    const [one, other] = [old.get(key), current.get(key)];
    const { workload, desired } = (other ?? one)!;
    return {
      workload,
      desired,
      kept: { before: one?.kept ?? desired, after: other?.kept ?? desired },
      left: { before: one?.left ?? desired, after: other?.left ?? desired },
      replaced: replaced.get(key) ?? {},
    };
  });
}

/** Counts the pods that a drill displaces, by region and fate. */
function countDisplaced(cluster: string, outcome: Outcome, report: DrillReport): Displacement[] {
  const regions = regionsOf(outcome);
  const groups = new Map<string, Displacement>();
  const { detectionSeconds = 0 } = report;
  for (const { node, to: target, fate, afterSeconds: seconds } of report.displaced ?? []) {
    const from = regions.get(node) ?? "";
    const to = target === undefined ? undefined : (regions.get(target) ?? "");
    const key = [from, to, fate].join("\0");
    const { pods = 0, afterSeconds } = groups.get(key) ?? {};
    const latest = Math.max(afterSeconds ?? 0, seconds === undefined ? 0 : detectionSeconds + seconds);
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

/** What a drill leaves of a cluster. Empty if the cluster loses nothing. */
function describeCluster(cluster: string, { nodes, pods }: Outcome, report: DrillReport): DrillCluster[] {
  const { nodes: lost = [], displaced = [], preempted = [], controlPlaneLost = false } = report;
  if (lost.length === 0) return [];
  const total = pods.filter(({ node, origin }) => node !== undefined && origin !== "WouldRun").length;
  return [
    {
      cluster,
      nodes: { lost: lost.length, left: nodes.length - lost.length },
      pods: { total, kept: total - displaced.length },
      controlPlaneLost,
      preempted: preempted.length,
    },
  ];
}

/** The round trips that a drill changes. Each cluster reports the same ones. */
function joinLinks(reports: readonly DrillReport[]): DrillLink[] {
  const links = reports.flatMap(({ links = [] }) => links);
  const joined = new Map(
    links.map(({ from, to, beforeMs, afterMs, via = "" }) => [
      `${from}\0${to}`,
      { from, to, rttMs: { before: beforeMs, after: afterMs }, via },
    ]),
  );
  return [...joined].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link);
}

/** One simulated cluster: its states before and after the change, and the result. */
export interface DrilledCluster {
  readonly before?: ClusterState;
  readonly after: ClusterState;
  readonly report: SimulationReport;
}

/** The result of one drill in one state of a cluster; undefined if the drill could not run there. */
function findReport(outcome: Outcome | undefined, index: number): DrillReport | undefined {
  const report = outcome?.drills?.[index];
  return report?.error === undefined ? report : undefined;
}

/** The results of the same drills in every cluster, before and after a change. */
export function collectDrills(drills: readonly Drill[], clusters: readonly DrilledCluster[]): DrillResult[] {
  return drills.map((drill, index) => {
    const result = {
      clusters: [] as DrillCluster[],
      displaced: [] as Displacement[],
      workloads: [] as DrillWorkload[],
      volumes: [] as LostVolume[],
      violations: [] as IntentViolation[],
    };
    const errors: string[] = [];
    const ran: DrillReport[] = [];
    for (const { before, after, report } of clusters) {
      const { cluster } = report;
      const [one, other] = [findReport(report.before, index), findReport(report.after, index)];
      const { error } = report.after.drills?.[index] ?? {};
      // A region or node that a cluster does not have, or has no longer, is no error in that cluster.
      if (error !== undefined && !one) errors.push(`${cluster}: ${error}`);
      if (other) {
        ran.push(other);
        result.clusters.push(...describeCluster(cluster, report.after, other));
        result.displaced.push(...countDisplaced(cluster, report.after, other));
        result.volumes.push(...(other.volumes ?? []).map((volume) => ({ cluster, ...volume })));
      }
      result.workloads.push(...joinWorkloads(report, one, other));
      const judge = (
        state: ClusterState | undefined,
        outcome: Outcome | undefined,
        drilled: DrillReport | undefined,
      ) => (state && outcome && drilled ? findViolations({ state, outcome } satisfies DrilledState, drilled) : []);
      const violations = [judge(before, report.before, one), judge(after, report.after, other)] as const;
      result.violations.push(...joinViolations(cluster, ...violations));
    }
    const everywhere = errors.length === clusters.length;
    return { drill: formatDrill(drill), ...result, links: joinLinks(ran), errors: everywhere ? errors : [] };
  });
}
