import type { DrillResult, IntentState, PreviewReport } from "../../report";
import {
  describeCluster,
  describeDisplacement,
  describeLink,
  describeRegions,
  describeSurvival,
  describeVolume,
} from "../drill-lines";
import { type Cell, CLUSTER, count, nameCells, numeric, prose, type Table, WORKLOAD } from "./table";
import { shortName } from "../tally";

/** Whether the fleet survives the loss of any one region, and which regions break what. */
function regionLossTable({ regionLoss }: PreviewReport): Table {
  const rows = regionLoss
    ? [
        [
          "any one",
          { text: describeSurvival(regionLoss.survives), tone: regionLoss.survives.after ? "good" : "bad" } as const,
          "",
        ],
        ...regionLoss.breaks.map(({ region, intents }): Cell[] => [
          region,
          { text: "no", tone: "bad" },
          intents.join("; "),
        ]),
      ]
    : [];
  return {
    id: "region-loss",
    title: "Loss of any one region",
    columns: [{ title: "Region" }, { title: "Survives" }, prose("Broken availability")],
    rows,
  };
}

const describeLeft = (state: IntentState | undefined): string =>
  !state ? "met" : state.after >= state.requires ? `${state.during} until they are replaced` : String(state.after);

function violationTable({ base, drills }: PreviewReport): Table {
  const compared = base !== undefined;
  return {
    id: "drill-violations",
    title: "Availability that drills violate",
    columns: [
      { title: "Drill" },
      CLUSTER,
      ...["Object", "Path", "Workloads"].map(prose),
      numeric("Requires"),
      { title: "Unit" },
      ...(compared ? [{ title: "Left, before the change" }] : []),
      { title: compared ? "Left, after the change" : "Left" },
      { title: "Broken" },
    ],
    rows: drills.flatMap(({ drill, violations }) =>
      violations.map(({ cluster, object, path, workloads, unit, confined, before, after }): Cell[] => {
        const broken = after?.broken === true;
        return [
          ...[drill, cluster, object, path, workloads.map(shortName).join(", ")],
          count((after ?? before!).requires),
          unit,
          ...(compared ? [describeLeft(before)] : []),
          { text: describeLeft(after), ...(broken && { tone: "bad" as const }) },
          broken ? { text: "yes", tone: "bad" } : confined ? "no: may run nowhere else" : "no",
        ];
      }),
    ),
  };
}

/** What is left of each cluster, where displaced pods go, which data is lost, and which round trips change, by cluster. */
function describeEffects({ clusters, displaced, volumes, links, errors }: DrillResult): [string, Cell][] {
  const bad = (text: string): Cell => ({ text, tone: "bad" });
  return [
    ...errors.map((error): [string, Cell] => ["", bad(error)]),
    ...clusters.map((each): [string, Cell] => {
      const text = describeCluster(each);
      return [each.cluster, each.controlPlaneLost ? bad(text) : text];
    }),
    ...displaced.map((each): [string, Cell] => [each.cluster, describeDisplacement(each)]),
    ...volumes.map((each): [string, Cell] => [each.cluster, bad(describeVolume(each))]),
    ...links.map((each): [string, Cell] => ["", describeLink(each)]),
  ];
}

const effectTable = ({ drills }: PreviewReport): Table => ({
  id: "drill-effects",
  title: "Effects of drills",
  columns: [{ title: "Drill" }, CLUSTER, prose("Effect")],
  rows: drills.flatMap((result) =>
    describeEffects(result).map(([cluster, text]): Cell[] => [result.drill, cluster, text]),
  ),
});

function workloadTable({ base, drills }: PreviewReport): Table {
  const compared = base !== undefined;
  return {
    id: "drills",
    title: "Drills",
    columns: [
      { title: "Drill" },
      ...WORKLOAD,
      numeric("Desired"),
      numeric("Keep running"),
      ...(compared ? [numeric("Left, before the change")] : []),
      numeric(compared ? "Left, after the change" : "Left"),
      prose("New nodes"),
    ],
    rows: drills.flatMap(({ drill, workloads }) =>
      workloads.map(({ workload, desired, kept, left, replaced }): Cell[] => [
        drill,
        ...nameCells(workload),
        count(desired),
        count(kept.after),
        ...(compared ? [count(left.before)] : []),
        { ...count(left.after), ...(left.after < desired && { tone: "bad" as const }) },
        describeRegions(replaced),
      ]),
    ),
  };
}

/** The tables about drills, the summary first. */
export const drillTables = (report: PreviewReport): Table[] => [
  regionLossTable(report),
  violationTable(report),
  effectTable(report),
  workloadTable(report),
];
