import pc from "picocolors";

import { formatColumns } from "../table";
import type { EdgeAgentStatus, EdgeIngestStatus, OutboxStatus, StatusReport } from "./report";

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** Formats `45 s`, `12 min` or `3 d`. */
function formatSeconds(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function formatAgo(time: string | undefined, now: Date): string {
  if (time === undefined) return "never";
  return `${formatSeconds(Math.max(0, (now.getTime() - Date.parse(time)) / 1000))} ago`;
}

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

function renderIngest({ cluster, name, ...ingest }: EdgeIngestStatus, now: Date): string {
  if (!ingest.answers) return `  ${pc.red(`${cluster}: ingest ${name} does not answer`)}`;
  const { stored = 0, duplicates = 0, rejected = 0, missing = 0, connected } = ingest;
  const parts = [
    `${stored} stored`,
    `${duplicates} ${duplicates === 1 ? "duplicate" : "duplicates"}`,
    formatLoss(rejected, "rejected"),
    formatLoss(missing, "missing"),
    `last commit ${formatAgo(ingest.lastCommit, now)}`,
    ...(connected ? [] : [pc.red("not connected")]),
  ];
  return `  ${cluster}: ingest ${parts.join(", ")}`;
}

/** Returns the lines about edge data of all clusters: none if no cluster has edge data. */
export function renderEdgeData({ edgeAgents, edgeIngests }: StatusReport, now: Date): string[] {
  if (edgeAgents.length + edgeIngests.length === 0) return [];
  const silent = edgeAgents.filter(({ answers }) => !answers);
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
    ...edgeIngests.map((ingest) => renderIngest(ingest, now)),
  ];
}
