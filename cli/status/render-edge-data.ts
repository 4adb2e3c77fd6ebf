import pc from "picocolors";

import { formatColumns } from "../table";
import { formatAgo, formatSeconds } from "./ago";
import type { EdgeAgentStatus, EdgeIngestStatus, OutboxStatus, StatusReport } from "./report";

/** What a report says about edge data. */
type EdgeData = Pick<StatusReport, "edgeAgents" | "edgeIngests">;

const formatLoss = (count: number, what: string): string => (count === 0 ? `0 ${what}` : pc.red(`${count} ${what}`));

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

/** Renders one row per cluster, region and class of messages. */
function renderClasses(agents: readonly EdgeAgentStatus[], now: Date): string[][] {
  const rows = new Map<string, { agent: EdgeAgentStatus; each: OutboxStatus }[]>();
  for (const agent of agents) {
    for (const each of agent.classes) {
      const key = [agent.cluster, agent.region, each.name].join("\0");
      rows.set(key, [...(rows.get(key) ?? []), { agent, each }]);
    }
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, items]) => {
      const [cluster = "", region = "", name = ""] = key.split("\0");
      // The agent that has waited longest.
      const last = items.map(({ agent }) => agent.lastAcknowledgement ?? "").sort()[0];
      return [
        cluster,
        region || "-",
        name,
        `${sum(items, ({ each }) => each.depth)} waiting`,
        formatSeconds(Math.max(...items.map(({ each }) => each.oldestSeconds))),
        formatLoss(
          sum(items, ({ each }) => each.lost),
          "lost",
        ),
        formatLoss(
          sum(items, ({ each }) => each.refused),
          "refused",
        ),
        formatAgo(last || undefined, now),
      ];
    });
}

/** Formats missing messages. Those that still wait at the edge arrive later. */
function formatMissing(missing: number, agents: readonly EdgeAgentStatus[]): string {
  const waiting = sum(agents, ({ classes }) => sum(classes, ({ depth }) => depth));
  const isComing = missing <= waiting || agents.some(({ answers }) => !answers);
  return isComing ? `${missing} missing${missing > 0 ? " so far" : ""}` : formatLoss(missing, "missing");
}

function renderIngest(
  { cluster, name, ...ingest }: EdgeIngestStatus,
  agents: readonly EdgeAgentStatus[],
  now: Date,
): string {
  if (!ingest.answers) return `  ${pc.red(`${cluster}: ingest ${name} does not answer`)}`;
  const { stored = 0, duplicates = 0, rejected = 0, missing = 0, connected } = ingest;
  const parts = [
    `${stored} stored`,
    `${duplicates} ${duplicates === 1 ? "duplicate" : "duplicates"}`,
    formatLoss(rejected, "rejected"),
    formatMissing(
      missing,
      agents.filter((agent) => agent.cluster === cluster),
    ),
    `last commit ${formatAgo(ingest.lastCommit, now)}`,
    ...(connected ? [] : [pc.red("not connected")]),
  ];
  return `  ${cluster}: ingest ${parts.join(", ")}`;
}

/** Returns what `skerry up` says about edge data: nothing if no cluster has an ingest. */
export function renderEdgeSummary({ edgeAgents, edgeIngests }: EdgeData, now: Date): string[] {
  if (edgeIngests.length === 0) return [];
  const agents = `${edgeAgents.length} ${edgeAgents.length === 1 ? "agent" : "agents"}`;
  if (edgeIngests.every(({ simulated }) => simulated)) return [`  edge data: ${agents}, simulated`];
  const stored = sum(edgeIngests, (ingest) => ingest.stored ?? 0);
  const last = edgeIngests.map(({ lastCommit }) => lastCommit ?? "").sort();
  const idle = edgeIngests.filter(({ simulated, stored: own = 0 }) => !simulated && own === 0);
  return [
    `  edge data: ${agents}, ${stored} messages stored, last ${formatAgo(last.at(-1) || undefined, now)}`,
    ...idle.map(({ cluster, answers }) =>
      pc.yellow(`  edge data: the ingest of ${cluster} ${answers ? "has not stored anything yet" : "does not answer"}`),
    ),
  ];
}

/** Returns the lines about edge data of all clusters: none if no cluster has edge data. */
export function renderEdgeData({ edgeAgents, edgeIngests }: EdgeData, now: Date): string[] {
  if (edgeAgents.length + edgeIngests.length === 0) return [];
  const simulated = [...edgeAgents, ...edgeIngests].filter((each) => each.simulated);
  const silent = edgeAgents.filter((agent) => !agent.answers && !agent.simulated);
  const offline = edgeAgents.filter(({ answers, connected }) => answers && !connected);
  const list = (agents: readonly EdgeAgentStatus[], state: string): string[] =>
    agents.map(({ cluster, name }) => `  ${pc.yellow(`${cluster}: edge agent ${name} ${state}`)}`);
  const rows = renderClasses(edgeAgents, now);
  return [
    ...(rows.length === 0
      ? []
      : [
          formatColumns(
            rows,
            ["CLUSTER", "REGION", "CLASS", "MESSAGES", "OLDEST", "LOST", "REFUSED", "ACKNOWLEDGED"].map((head) =>
              pc.dim(head),
            ),
          ),
        ]),
    ...list(silent, "does not answer"),
    ...list(offline, "is not connected to its broker and keeps its messages"),
    ...edgeIngests.filter((each) => !each.simulated).map((ingest) => renderIngest(ingest, edgeAgents, now)),
    ...(simulated.length === 0
      ? []
      : [`  ${simulated.length} edge agents and ingests are simulated; npx skerry lab status says why`]),
  ];
}
