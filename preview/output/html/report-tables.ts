import type { ObjectChange, PlaceOfPod, PreviewReport, RegionReport } from "../../report";
import { REASONS } from "../lines";
import { drillTables } from "./drill-tables";
import {
  type Cell,
  CLUSTER,
  type Column,
  count,
  nameCells,
  numeric,
  prose,
  type RichCell,
  type Table,
  WORKLOAD,
} from "./table";

const placeText = ({ node, region }: PlaceOfPod): string => (region === "" ? node : `${region} / ${node}`);

/** Formats a number before and after the change; sorts by the latter. */
function change(before: number | undefined, after: number | undefined, format: (value: number) => string): RichCell {
  const [old, current] = [before, after].map((value) => (value === undefined ? "–" : format(value)));
  return { text: old === current ? current! : `${old} → ${current}`, value: after ?? -1 };
}

const whole = (value: number): string => String(value);
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const tenths = (value: number): string => String(Math.round(value * 10) / 10);

function regionRow({ cluster, region, nodes, pods, movedIn, movedOut, roundTrip, requested }: RegionReport): Cell[] {
  const { before, after } = roundTrip;
  return [
    cluster,
    region,
    change(nodes.before, nodes.after, whole),
    change(pods.before, pods.after, whole),
    count(movedIn),
    count(movedOut),
    change(before?.p50, after?.p50, tenths),
    change(before?.p95, after?.p95, tenths),
    change(before?.max, after?.max, tenths),
    change(requested.before.cpu, requested.after.cpu, percent),
    change(requested.before.memory, requested.after.memory, percent),
  ];
}

const REGION_COLUMNS: readonly Column[] = [
  CLUSTER,
  { title: "Region" },
  ...["Nodes", "Pods", "Moved in", "Moved out", "RTT p50, ms", "RTT p95, ms", "RTT max, ms"].map(numeric),
  numeric("CPU requested"),
  numeric("Memory requested"),
];

const format = (value: unknown): string => (value === undefined ? "" : JSON.stringify(value));

/** One row per field. The same change to the same object of several clusters is one row. */
function objectRows(objects: readonly ObjectChange[]): Cell[][] {
  const rows = new Map<string, { readonly clusters: string[]; readonly cells: Cell[] }>();
  for (const { cluster, object, change, fields } of objects) {
    const tone = change === "changed" ? {} : ({ tone: change === "added" ? "good" : "warn" } as const);
    const parts = change === "changed" ? fields : [{ path: "" }];
    for (const { path, before, after } of parts) {
      const cells = [object, { text: change, ...tone }, path, format(before), format(after)];
      const key = JSON.stringify(cells);
      const row = rows.get(key);
      if (row) row.clusters.push(cluster);
      else rows.set(key, { clusters: [cluster], cells });
    }
  }
  return [...rows.values()].map(({ clusters, cells }) => [clusters.join(", "), ...cells]);
}

function fitTables({ unschedulable, blocked }: PreviewReport): Table[] {
  return [
    {
      id: "unschedulable",
      title: "Pods that won't fit",
      columns: [...WORKLOAD, numeric("Pods"), prose("Reason"), prose("Shortage"), { title: "Since" }],
      rows: unschedulable.map(({ workload, pods, before, message, groups, shortages }) => [
        ...nameCells(workload),
        { ...count(pods), tone: before ? "warn" : "bad" },
        groups.map(({ nodes, reasons }) => `${nodes} nodes: ${reasons.join(", ")}`).join("; ") || message,
        shortages
          .map(({ resource, requested, largestFree }) => `needs ${requested} ${resource}, largest free ${largestFree}`)
          .join("; "),
        before ? "before the change" : "the change",
      ]),
    },
    {
      id: "blocked",
      title: "Rollouts that cannot finish",
      columns: [...WORKLOAD, numeric("Available"), numeric("Desired"), prose("Reason")],
      rows: blocked.map(({ workload, available, desired, message }) => [
        ...nameCells(workload),
        { ...count(available), tone: "bad" },
        count(desired),
        message,
      ]),
    },
  ];
}

function changeTables({ moves, created, removed, findings, objects }: PreviewReport): Table[] {
  const counts = [
    ...created.map((each) => ["created", each] as const),
    ...removed.map((each) => ["removed", each] as const),
  ];
  return [
    {
      id: "moves",
      title: "Moves",
      columns: [
        ...WORKLOAD,
        ...["From", "To"].map((title) => ({ title })),
        ...["Leaves because", "Placed because"].map(prose),
        prose("Equally good nodes"),
      ],
      rows: moves.map(({ workload, from, to, reason, why, ties }) => [
        ...nameCells(workload),
        placeText(from),
        placeText(to),
        REASONS[reason] ?? reason,
        why,
        ties.join(", "),
      ]),
    },
    {
      id: "counts",
      title: "New and removed pods",
      columns: [...WORKLOAD, { title: "Change" }, numeric("Pods"), prose("Regions")],
      rows: counts.map(([what, { workload, pods, regions }]) => [
        ...nameCells(workload),
        { text: what, tone: what === "created" ? "good" : "warn" },
        count(pods),
        Object.entries(regions)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([region, number]) => `${region || "no region"} ${number}`)
          .join(", "),
      ]),
    },
    {
      id: "findings",
      title: "Policy findings",
      columns: [
        ...["Change", "Severity", "Rule", "Cluster"].map((title) => ({ title })),
        ...["Object", "Path", "Message"].map(prose),
      ],
      rows: findings.map(({ change: what, severity, rule, cluster = "", object = "", path, message }) => [
        { text: what, tone: what === "fixed" ? "good" : severity === "error" ? "bad" : "warn" },
        severity,
        rule,
        cluster,
        object,
        path,
        message,
      ]),
    },
    {
      id: "objects",
      title: "Changed objects",
      columns: [
        prose("Clusters"),
        { title: "Object" },
        { title: "Change" },
        ...["Field", "Before", "After"].map((title) => ({ title, code: true, wrap: true })),
      ],
      rows: objectRows(objects),
    },
  ];
}

const regionTable = ({ regions }: PreviewReport): Table => ({
  id: "regions",
  title: "Regions",
  columns: REGION_COLUMNS,
  rows: regions.map(regionRow),
});

const placementTable = ({ placements }: PreviewReport): Table => ({
  id: "placements",
  title: "Workloads by region",
  columns: [...WORKLOAD, { title: "Region" }, numeric("Pods")],
  rows: placements.map(({ workload, region, pods }) => [
    ...nameCells(workload),
    region || "no region",
    { ...change(pods.before, pods.after, whole), ...(pods.before !== pods.after && { tone: "warn" }) },
  ]),
});

const linkTable = ({ geography }: PreviewReport): Table => ({
  id: "links",
  title: "Links",
  columns: [{ title: "From" }, { title: "To" }, numeric("Round trip, ms")],
  rows: geography.links.map(({ from, to, rttMs }) => [from, to, { text: tenths(rttMs), value: rttMs }]),
});

const listTable = (id: string, title: string, column: string, lines: readonly string[]): Table => ({
  id,
  title,
  columns: [prose(column)],
  rows: lines.map((line) => [line]),
});

/** The tables of a report, the worst first. A report without a base has none about changes. */
export const listTables = (report: PreviewReport): Table[] => [
  listTable("errors", "Errors of the simulation", "Error", report.errors),
  ...fitTables(report),
  regionTable(report),
  ...(report.base === undefined ? [] : changeTables(report)),
  ...drillTables(report),
  placementTable(report),
  listTable("not-modelled", "Not modelled", "Object", report.notModelled),
  linkTable(report),
];
