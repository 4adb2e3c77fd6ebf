import type { Change, HourlyCost, PreviewReport, RegionReport, RoundTrips } from "../report";

const number = (value: number): string => String(Math.round(value * 10) / 10);

/** `36 → 32`, or `36` where nothing changes. */
const changed = ({ before, after }: Change<string | number>): string =>
  before === after ? `${after}` : `${before} → ${after}`;

/** Formats both sides of a change. */
const both = <T>({ before, after }: Change<T>, format: (value: T) => string): Change<string> => ({
  before: format(before),
  after: format(after),
});

const roundTrip = (trips: RoundTrips | undefined): string => (trips ? number(trips.p95) : "–");
const percent = (share: number): string => `${Math.round(share * 100)}`;

/** Formats a price with two to four decimals: small devices cost less than a cent per hour. */
export const formatPrice = (amount: number): string => amount.toFixed(4).replace(/0{1,2}$/, "");

/** `0.42`, or `0.42 + 3 unknown` where nodes have no price. */
export const formatCost = ({ perHour, unknownNodes }: HourlyCost): string =>
  unknownNodes === 0 ? formatPrice(perHour) : `${formatPrice(perHour)} + ${unknownNodes} unknown`;

/** Smallest difference of a load skew that is worth a column. */
const NOTICEABLE_SKEW = 0.1;

/** Whether the load of a group of nodes becomes noticeably more or less even. */
const skewChanges = ({ skew: { before, after } }: Pick<RegionReport, "skew">): boolean =>
  (["cpu", "memory"] as const).some((resource) => Math.abs(after[resource] - before[resource]) >= NOTICEABLE_SKEW);

export const formatSkew = (coefficient: number): string => coefficient.toFixed(2);

interface Column {
  readonly title: string;
  readonly cell: (region: RegionReport) => string;
}

/** Columns whose content is the change of one figure. A region is listed if one of them changes. */
function listColumns({ regions, currency }: PreviewReport): Column[] {
  const skewed = regions.some(skewChanges);
  const skew = (resource: "cpu" | "memory"): Column["cell"] => {
    return (region) => {
      const { before, after } = both(region.skew, (shares) => formatSkew(shares[resource]));
      return skewChanges(region) ? changed({ before, after }) : after;
    };
  };
  return [
    { title: "nodes", cell: ({ nodes }) => changed(nodes) },
    { title: "pods", cell: ({ pods }) => changed(pods) },
    {
      title: "round trip p95, ms",
      cell: ({ roundTrip: { before, after } }) => changed({ before: roundTrip(before), after: roundTrip(after) }),
    },
    { title: "CPU requested, %", cell: ({ requested }) => changed(both(requested, ({ cpu }) => percent(cpu))) },
    {
      title: "memory requested, %",
      cell: ({ requested }) => changed(both(requested, ({ memory }) => percent(memory))),
    },
    ...(skewed
      ? [
          { title: "CPU skew", cell: skew("cpu") },
          { title: "memory skew", cell: skew("memory") },
        ]
      : []),
    ...(currency === undefined
      ? []
      : [{ title: `${currency}/h`, cell: ({ cost }: RegionReport) => (cost ? changed(both(cost, formatCost)) : "–") }]),
  ];
}

/** Pods without a node by cluster. They belong to no region. */
function unfitByCluster({ unschedulable }: PreviewReport): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { workload, pods } of unschedulable)
    counts.set(workload.cluster, (counts.get(workload.cluster) ?? 0) + pods);
  return counts;
}

function formatMoves({ movedIn, movedOut }: RegionReport): string {
  const moves = [movedIn > 0 && `${movedIn} in`, movedOut > 0 && `${movedOut} out`].filter(Boolean).join(", ");
  return moves || "–";
}

/** A table of the regions in which something visible changes. */
export interface RegionTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Tabulates the regions in which something that the table shows changes. Sums may differ in their last digits. */
export function tabulateRegions(report: PreviewReport): RegionTable {
  const columns = listColumns(report);
  const [nodes, pods, ...others] = columns.map(({ title }) => title);
  const unfit = unfitByCluster(report);
  const seen = new Set<string>();
  const rows = report.regions.flatMap((region) => {
    const cells = columns.map(({ cell }) => cell(region));
    const moves = formatMoves(region);
    if (moves === "–" && !cells.some((cell) => cell.includes(" → "))) return [];
    // The first row of a cluster counts its pods without a node.
    const waiting = seen.has(region.cluster) ? 0 : (unfit.get(region.cluster) ?? 0);
    seen.add(region.cluster);
    const [nodeCount, podCount, ...figures] = cells;
    return [
      [region.cluster, region.region, nodeCount!, podCount!, moves, waiting > 0 ? String(waiting) : "–", ...figures],
    ];
  });
  return { head: ["cluster", "region", nodes!, pods!, "moves", "won't fit", ...others], rows };
}

/** `Cost per hour: 12.30 → 11.88 USD; 3 of 139 nodes have no price.`; empty if no price is stated. */
export function costLine({ clusters, currency }: PreviewReport): string {
  if (currency === undefined) return "";
  const total = (side: "before" | "after"): HourlyCost & { readonly nodes: number } => ({
    perHour: clusters.reduce((sum, { cost }) => sum + (cost?.[side].perHour ?? 0), 0),
    unknownNodes: clusters.reduce((sum, { cost }) => sum + (cost?.[side].unknownNodes ?? 0), 0),
    nodes: clusters.reduce((sum, { nodes }) => sum + nodes[side], 0),
  });
  const [before, after] = [total("before"), total("after")];
  const amounts = changed({ before: formatPrice(before.perHour), after: formatPrice(after.perHour) });
  const unknown = (side: typeof after): string => `${side.unknownNodes} of ${side.nodes}`;
  const missing = before.unknownNodes + after.unknownNodes > 0;
  return `Cost per hour: ${amounts} ${currency}${missing ? `; ${changed(both({ before, after }, unknown))} nodes have no price` : ""}.`;
}
