import type {
  Change,
  Displacement,
  DrillCluster,
  DrillLink,
  DrillResult,
  IntentViolation,
  LostVolume,
  PreviewReport,
  RegionLoss,
} from "../report";
import { plural, shortName } from "./tally";

/** What becomes of displaced pods, by fate. */
export const FATES: Readonly<Record<string, string>> = {
  Rescheduled: "get a new node",
  Unplaceable: "fit nowhere",
  Stuck: "cannot leave their node",
  Lost: "are lost",
  Waiting: "wait for their node",
};

/** Pods by region: `osaka 1, tokyo 2`. */
export const describeRegions = (regions: Readonly<Record<string, number>>): string =>
  Object.entries(regions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([region, count]) => `${region || "no region"} ${count}`)
    .join(", ");

const answer = (survives: boolean): string => (survives ? "yes" : "no");

/** `no (before: yes)`, or `no` where nothing changes. */
export const describeSurvival = ({ before, after }: Change<boolean>): string =>
  before === after ? answer(after) : `${answer(after)} (before: ${answer(before)})`;

/** `survives the loss of any one region: no (before: yes)`, and one line per region that breaks something. */
function regionLossLines({ survives, breaks }: RegionLoss): string[] {
  return [
    `survives the loss of any one region: ${describeSurvival(survives)}`,
    ...breaks.map(({ region, intents }) => `losing ${region} breaks ${intents.join("; ")}`),
  ];
}

/** `9 of 76 pods keep running on 4 of 42 nodes; the control plane is lost, so nothing is replaced`. */
export function describeCluster({ nodes, pods, controlPlaneLost, preempted }: DrillCluster): string {
  const notes = [
    `${pods.kept} of ${pods.total} pods keep running on ${nodes.left} of ${nodes.lost + nodes.left} nodes`,
    controlPlaneLost && "the control plane is lost, so nothing is replaced",
    preempted > 0 && `${preempted} pods elsewhere make room for pods of higher priority`,
  ];
  return notes.filter((note) => note !== false).join("; ");
}

/** Where displaced pods go: `pods of osaka that get a new node in tokyo: 12 (evicted within 390 s)`. */
export function describeDisplacement({ from, to, fate, pods, afterSeconds }: Displacement): string {
  const where = to === undefined ? "" : ` in ${to || "no region"}`;
  const when = afterSeconds === undefined || fate === "Waiting" ? "" : ` (evicted within ${afterSeconds} s)`;
  return `pods of ${from || "no region"} that ${FATES[fate]}${where}: ${pods}${when}`;
}

export const describeVolume = ({ namespace, claim, node }: LostVolume): string =>
  `the data of PersistentVolumeClaim ${namespace}/${claim} is only on ${node}`;

export const describeLink = ({ from, to, rttMs, via }: DrillLink): string =>
  `${from} to ${to} takes ${rttMs.after} ms instead of ${rttMs.before} ms, through ${via}`;

/** `1 pod`, `2 pods in reach`. */
const countUnit = (count: number, unit: IntentViolation["unit"]): string =>
  `${count} ${count === 1 ? unit.replace("s", "") : unit}`;

/** What an intent requires and what is left: `requires 2 pods, 1 left (before: 2 or more)`. */
export function describeViolation({ unit, confined, before, after }: IntentViolation): string {
  const state = after ?? before!;
  const counts = (each: typeof state): string =>
    each.after >= each.requires ? `${each.during} left until they are replaced` : `${each.after} left`;
  const old = !before ? "met" : counts(before);
  const now = !after ? "met" : counts(after);
  const notes = [
    `requires ${countUnit(state.requires, unit)}, ${now}${old === now ? "" : ` (before: ${old})`}`,
    confined && "may run nowhere else",
  ];
  return notes.filter((note) => note !== false).join("; ");
}

const violationLine = (violation: IntentViolation): string =>
  `${violation.cluster}: ${violation.object} ${violation.path} ${describeViolation(violation)}`;

/** What a workload is left with: `1 of 3 pods (before: 3), new nodes: tokyo 1`. */
function workloadLines({ workloads }: DrillResult): string[] {
  return workloads
    .filter(
      ({ desired, left, replaced }) =>
        left.after < desired || left.before < desired || Object.keys(replaced).length > 0,
    )
    .map(({ workload, desired, left, replaced }) => {
      const before = left.before === left.after ? "" : ` (before: ${left.before})`;
      const nodes = Object.keys(replaced).length === 0 ? "" : `, new nodes: ${describeRegions(replaced)}`;
      return `${workload.cluster}: ${shortName(workload)} is left with ${left.after} of ${plural(desired, "pod")}${before}${nodes}`;
    });
}

/** One drill, the worst first: broken intents, data on lost nodes, what keeps running, and where the rest goes. */
function resultLines(result: DrillResult): string[] {
  const { drill, errors, clusters, displaced, volumes, links, violations } = result;
  if (errors.length > 0) return errors.map((error) => `${drill}: ${error}`);
  const isBroken = ({ before, after }: IntentViolation): boolean => Boolean(before?.broken || after?.broken);
  const lines = [
    ...violations.filter(isBroken).map(violationLine),
    ...volumes.map((each) => `${each.cluster}: ${describeVolume(each)}`),
    ...clusters.map((each) => `${each.cluster}: ${describeCluster(each)}`),
    ...links.map(describeLink),
    ...displaced.map((each) => `${each.cluster}: ${describeDisplacement(each)}`),
    ...workloadLines(result),
    ...violations.filter((each) => !isBroken(each)).map(violationLine),
  ];
  return lines.length > 0 ? lines.map((line) => `${drill}: ${line}`) : [`${drill}: nothing is lost`];
}

/** The lines of all drills of a report, the summary over regions first. */
export const drillLines = ({ drills, regionLoss }: PreviewReport): string[] => [
  ...(regionLoss ? regionLossLines(regionLoss) : []),
  ...drills.flatMap(resultLines),
];
