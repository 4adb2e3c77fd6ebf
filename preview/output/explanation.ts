import type { ExplanationReport, FeasibleNodes, PluginPoints } from "../explanation";
import { plural, shortName } from "./tally";
import { colorsOf, describeNodes, noteLines, rejectedLines, type TextOptions, wrap } from "./text";

/** Groups of equal scores that are shown; the rest is counted. */
const SHOWN_SCORES = 8;

/** Groups of rejected nodes that are shown. */
const SHOWN_REJECTED = 12;

const byPoints = (plugins: readonly PluginPoints[]): string =>
  [...plugins]
    .filter(({ score }) => score !== 0)
    .sort((a, b) => b.score - a.score || (a.plugin < b.plugin ? -1 : 1))
    .map(({ plugin, score }) => `${plugin} ${score}`)
    .join(", ") || "no plugin gives points";

/** `1 point behind: NodeResourcesBalancedAllocation 74 instead of 75`. */
function describeDifference({ behind, differences }: FeasibleNodes): string {
  const texts = differences.map(({ plugin, score, best }) => `${plugin} ${score} instead of ${best}`);
  if (behind === 0) return `the same in all, from other plugins: ${texts.join(", ")}`;
  return `${plural(behind, "point")} behind: ${texts.join(", ")}`;
}

function headline(report: ExplanationReport, nodes: number): string {
  const { subject, pod, node, best, gated, why } = report;
  const own = subject.kind === "Pod" ? "It" : `Pod ${pod}`;
  const reason = why === undefined || why === "" ? "" : ` (${why})`;
  if (gated) return `${own} waits until its scheduling gates are removed.`;
  if (node !== undefined) return `${own} runs on ${node}${reason}.`;
  if (pod !== undefined)
    return best.length > 0
      ? `${own} has no node yet. It waits for room that other pods are making, or would get ${best[0]} now.`
      : `${own} has no node: none of ${nodes} can take it.`;
  if (subject.kind === "DaemonSet")
    return `It runs a pod on ${best.length === 0 ? `none of ${plural(nodes, "node")}` : plural(report.pods.filter((each) => each.node !== undefined).length, "node")}.`;
  return best.length === 0
    ? `It has no pods, and no node can take one.`
    : `It has no pods. One would run on ${best[0]}.`;
}

/** The scheduler examines all nodes of a cluster that has no more than this. */
const SAMPLED_ABOVE = 100;

/** What decides among the nodes that can take the pod. */
function describeChoice({ subject, node, best, feasible, nodes }: ExplanationReport): string | undefined {
  const [first] = feasible;
  if (!first || subject.kind === "DaemonSet") return undefined;
  if (node !== undefined && !best.includes(node)) {
    const now = best.length === 1 ? best[0]! : `one of ${best.length} nodes, such as ${best[0]}`;
    const isFeasible = feasible.some((group) => group.nodes.includes(node));
    const sampled =
      nodes.length > SAMPLED_ABOVE ? ", or the scheduler did not examine them: it samples large clusters" : "";
    const why = isFeasible ? `scores have changed since${sampled}` : "its own node would not take it now";
    return `Placed anew, it would get ${now}: ${why}. A running pod stays.`;
  }
  if (best.length === 1) return undefined;
  return `A tie: ${best.length} nodes have the highest score of ${first.total}. Placed anew, the pod could get any of them.`;
}

function scoreLines(report: ExplanationReport, options: TextOptions): string[] {
  const pc = colorsOf(options);
  const { feasible, node, nodes: places } = report;
  const shown = feasible.filter(
    ({ nodes }, index) => index < SHOWN_SCORES || (node !== undefined && nodes.includes(node)),
  );
  const lines = shown.flatMap((group, index) => {
    const described = describeNodes(group.nodes, places);
    const isOwn = node !== undefined && group.nodes.includes(node);
    const named = described.split(", ").includes(node ?? "") ? "" : `, ${node} among them`;
    const text = isOwn ? `${described}${named} ← runs here` : described;
    // One node that was asked for, or the best nodes: all points. Others: what differs.
    const isWhole = index === 0 || feasible.length === 1;
    return [
      ...wrap(`${String(group.total).padStart(6)}  `, text, options).map((line) =>
        isOwn ? pc.green(line) : pc.bold(line),
      ),
      ...(group.differences.length > 0 ? wrap("        ", describeDifference(group), options) : []),
      ...(isWhole ? wrap("        ", byPoints(group.plugins), options) : []),
    ];
  });
  const hidden = feasible.filter((group) => !shown.includes(group)).flatMap(({ nodes }) => nodes).length;
  if (hidden > 0)
    lines.push(
      ...wrap(
        "        ",
        `and ${plural(hidden, "more node")}, the last with a score of ${feasible.at(-1)!.total}`,
        options,
      ),
    );
  return lines;
}

/** `Its pods: tokyo-pi5-01, tokyo-jetson-01; 1 without a node`, for a workload with several. */
function podLine({ subject, pods, nodes }: ExplanationReport): string | undefined {
  if (subject.kind === "Pod" || (pods.length < 2 && subject.kind !== "DaemonSet") || pods.length === 0)
    return undefined;
  const placed = pods.flatMap(({ node }) => (node === undefined ? [] : [node]));
  const counts = new Map<string, number>();
  for (const node of placed) counts.set(node, (counts.get(node) ?? 0) + 1);
  const where = [...counts].map(([node, count]) => (count > 1 ? `${node} ×${count}` : node));
  const text = counts.size === placed.length ? describeNodes(placed, nodes) : where.sort().join(", ");
  const pending = pods.length - placed.length;
  return `Its ${plural(pods.length, "pod")}: ${[placed.length > 0 && text, pending > 0 && `${pending} without a node`].filter(Boolean).join("; ")}`;
}

/** Renders an explanation as text for a terminal. */
export function renderExplanation(report: ExplanationReport, options: TextOptions): string {
  const pc = colorsOf(options);
  const { subject, kubernetes, seed, scheduler, snapshot, nodes, feasible, rejected } = report;
  const source = snapshot === undefined ? "simulated" : `snapshot of ${snapshot}`;
  const can = feasible.reduce((sum, group) => sum + group.nodes.length, 0);
  const cannot = rejected.reduce((sum, group) => sum + group.nodes.length, 0);
  const title = (text: string): string[] => ["", ...wrap("", text, options).map(pc.bold)];
  const all = nodes.length;
  const part = (count: number): string =>
    can + cannot === all ? `${count} of ${plural(all, "node")}` : plural(count, "node");
  const head = headline(report, all);
  const notes = noteLines(report, options);
  return (
    [
      pc.bold(`${subject.kind} ${shortName(subject)} in cluster ${subject.cluster}`),
      ...wrap("", `${scheduler}, Kubernetes ${kubernetes}, seed ${seed}, ${source}`, options).map(pc.dim),
      "",
      ...wrap("", head, options).map((line) =>
        report.node === undefined && report.pod !== undefined ? pc.red(line) : line,
      ),
      ...[describeChoice(report), podLine(report)].flatMap((text) =>
        text === undefined ? [] : wrap("", text, options),
      ),
      ...(can > 0 ? [...title(`${part(can)} can take it, by score`), ...scoreLines(report, options)] : []),
      ...(cannot > 0
        ? [
            ...title(`${part(cannot)} cannot: why, and → what would have to change`),
            ...rejectedLines(rejected, nodes, options, SHOWN_REJECTED),
          ]
        : []),
      ...(notes.length > 0 ? ["", ...notes] : []),
    ].join("\n") + "\n"
  );
}
