import { table } from "../../record";
import { type Comparison, PREEMPTION, type Tally, tally } from "./comparison";

const share = (part: number, whole: number): string =>
  whole === 0 ? "–" : `${((100 * part) / whole).toFixed(part === whole ? 0 : 2)} % of ${whole}`;

const row = (name: string, counts: Tally): (string | number)[] => [
  name,
  counts.pods,
  share(counts.sameNode, counts.untied),
  counts.tied,
  share(counts.sameRegion, counts.placed),
  counts.tiedRegions,
  share(counts.sameVerdict, counts.unschedulable),
  share(counts.sameMessage, counts.sameVerdict),
];

const HEAD = [
  "pods with",
  "pods",
  "same node, without ties",
  "ties",
  "same region",
  "ties over regions",
  "same verdict",
  "same message",
];

const OVERCOMMITTED =
  "An overcommitted node holds more requests than it has. The default scheduler and the edge scheduler have bound pods to it " +
  "at the same time, one for a pod that preempts others, the other for the replacement of one of these. A kubelet would " +
  "reject the second pod, and its controller would create another one; the lab's simulated kubelets accept it. Where the " +
  "replacement is bound first, the preempting pod can also be placed elsewhere.";

/** Whether the sides disagree about more than which of several equal nodes it is. */
const disagrees = ({ outcome, sameRegion }: Comparison): boolean =>
  outcome === "other" || outcome === "verdict" || (outcome === "same" && sameRegion === false);

function describe({ scenario, workload, outcome, live, simulated, overcommitted }: Comparison): string {
  const side = ({ node, reason }: Comparison["live"]): string => `${node ?? "no node"}${reason ? ` (${reason})` : ""}`;
  const equal = simulated.ties ? `; equal: ${simulated.ties.join(", ")}` : "";
  const race = overcommitted ? " (overcommitted)" : "";
  return `- ${scenario}, ${workload}, ${outcome}${race}: live ${side(live)}; simulated ${side(simulated)}${equal}`;
}

/** Describes a comparison in Markdown: the shares, overall and per feature, and every disagreement. */
export function describeComparisons(comparisons: readonly Comparison[]): string {
  const features = [...new Set(comparisons.flatMap((each) => each.features))].sort();
  const disagreements = comparisons.filter(disagrees);
  const calm = comparisons.filter((each) => !each.features.includes(PREEMPTION));
  const named = comparisons.filter(({ sameRegion, tiedRegions }) => sameRegion !== undefined && !tiedRegions);
  const fleets = new Set(comparisons.map(({ scenario }) => scenario)).size;
  return [
    `${comparisons.length} pods in ${fleets} clusters. The live schedulers place the pods of one workload after the other; ` +
      "before each workload, the simulation starts from what runs live, and after each tie it goes on with the node that " +
      "the live scheduler took. A tie is a pod for which several nodes have the highest score: the live scheduler " +
      "picks one at random, and the live node must be one of them.",
    table(HEAD, [
      row("anything", tally(comparisons)),
      ...(calm.length > 0 ? [row("anything, without preemption", tally(calm))] : []),
      ...features.map((feature) => row(feature, tally(comparisons.filter((each) => each.features.includes(feature))))),
    ]),
    `Of the pods that do not tie over several regions, ${share(
      named.filter(({ sameRegion }) => sameRegion).length,
      named.length,
    )} are in the same region.`,
    disagreements.some(({ overcommitted }) => overcommitted) ? OVERCOMMITTED : "",
    disagreements.length === 0
      ? "There are no disagreements."
      : `Disagreements (${disagreements.length}):\n\n${disagreements.map(describe).join("\n")}`,
  ]
    .filter(Boolean)
    .join("\n\n");
}
