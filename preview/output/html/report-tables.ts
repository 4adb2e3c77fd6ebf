import type { NodeGroupReport, ObjectChange, PlaceOfPod, PreviewReport, RegionReport } from "../../report";
import type { PulumiPlan } from "../../plan";
import { REASONS } from "../lines";
import { listLosses, OPERATIONS, planTitle } from "../plan-lines";
import { formatCost, formatSkew } from "../region-table";
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

const LOAD_COLUMNS = ["CPU requested", "Memory requested", "CPU skew", "Memory skew"].map(numeric);

/** The load and the cost of a group of nodes. */
function groupCells({ requested, skew, cost }: NodeGroupReport, currency: string | undefined): Cell[] {
  return [
    change(requested.before.cpu, requested.after.cpu, percent),
    change(requested.before.memory, requested.after.memory, percent),
    change(skew.before.cpu, skew.after.cpu, formatSkew),
    change(skew.before.memory, skew.after.memory, formatSkew),
    ...(currency === undefined ? [] : [costCell(cost)]),
  ];
}

function costCell(cost: NodeGroupReport["cost"]): Cell {
  if (!cost) return "–";
  const [before, after] = [formatCost(cost.before), formatCost(cost.after)];
  return { text: before === after ? after : `${before} → ${after}`, value: cost.after.perHour };
}

const groupColumns = (currency: string | undefined): Column[] => [
  ...LOAD_COLUMNS,
  ...(currency === undefined ? [] : [numeric(`Cost, ${currency}/h`)]),
];

const clusterTable = ({ clusters, currency }: PreviewReport): Table => ({
  id: "clusters",
  title: "Clusters",
  columns: [CLUSTER, numeric("Nodes"), ...groupColumns(currency)],
  rows: clusters.map((each) => [
    each.cluster,
    change(each.nodes.before, each.nodes.after, whole),
    ...groupCells(each, currency),
  ]),
});

function regionCells(report: RegionReport, currency: string | undefined): Cell[] {
  const { cluster, region, nodes, pods, movedIn, movedOut, roundTrip } = report;
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
    ...groupCells(report, currency),
  ];
}

const REGION_COLUMNS: readonly Column[] = [
  CLUSTER,
  { title: "Region" },
  ...["Nodes", "Pods", "Moved in", "Moved out", "RTT p50, ms", "RTT p95, ms", "RTT max, ms"].map(numeric),
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

const regionTable = ({ regions, currency }: PreviewReport): Table => ({
  id: "regions",
  title: "Regions",
  columns: [...REGION_COLUMNS, ...groupColumns(currency)],
  rows: regions.map((region) => regionCells(region, currency)),
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

function planTable(plan: PulumiPlan): Table {
  const table = { id: "plan", title: planTitle(plan) };
  if ("unknown" in plan) return listTable(table.id, table.title, "Unknown because", [plan.unknown]);
  const losses = new Set(listLosses(plan));
  return {
    ...table,
    columns: [
      { title: "Operation" },
      numeric("Resources"),
      ...["Role", "Name"].map((title) => ({ title })),
      ...["Type", "Properties that force it"].map(prose),
    ],
    rows: [
      ...plan.machines.map((each): Cell[] => [
        { text: OPERATIONS[each.operation], ...(losses.has(each) && { tone: "bad" }) },
        count(1),
        each.role,
        each.name,
        each.type,
        each.because.join(", "),
      ]),
      ...plan.others.map(({ operation, type, resources }): Cell[] => [
        OPERATIONS[operation],
        count(resources),
        "",
        "",
        type,
        "",
      ]),
    ],
  };
}

/** The tables of a report, the worst first. A report without a base has none about changes. */
export const listTables = (report: PreviewReport): Table[] => [
  listTable("errors", "Errors of the simulation", "Error", report.errors),
  ...fitTables(report),
  ...(report.plan ? [planTable(report.plan)] : []),
  clusterTable(report),
  regionTable(report),
  ...(report.base === undefined ? [] : changeTables(report)),
  ...drillTables(report),
  placementTable(report),
  listTable("warnings", "Warnings of the simulation", "Warning", report.warnings),
  listTable("not-modelled", "Not modelled", "Object", report.notModelled),
  linkTable(report),
];
