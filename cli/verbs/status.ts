import { setTimeout as sleep } from "node:timers/promises";

import type { Command } from "commander";

import { isOutputClosed } from "../closed-output";
import { collectStatus } from "../status/collect";
import { expiresTooSoon } from "../status/expiry-limits";
import { renderStatus } from "../status/render";
import type { StatusReport } from "../status/report";

/** Polling interval of `--watch`, in ms. */
const WATCH_MS = 2_000;

const isHealthy = (report: StatusReport): boolean =>
  report.unplaced.length === 0 &&
  report.clusters.every(({ reachable }) => reachable) &&
  report.expiries.every((expiry) => !expiresTooSoon(expiry, new Date()));

async function watch(json: boolean): Promise<void> {
  for (let last = ""; !isOutputClosed(); await sleep(WATCH_MS)) {
    const report = await collectStatus();
    const text = json ? JSON.stringify(report) : renderStatus(report, process.stdout.columns);
    if (text === last) continue;
    last = text;
    process.stdout.write(!json && process.stdout.isTTY ? `\x1b[2J\x1b[H${text}\n` : `${text}\n`);
  }
}

/** `skerry status`: shows clusters, nodes, pods, brokers and pods without a node. */
export function statusVerb(program: Command): void {
  program
    .command("status")
    .description(
      "show clusters, nodes by region and device, pods by region, brokers, edge data, unplaced pods with reasons, and what expires",
    )
    .option("--json", "print JSON (version 1, see docs/status.md)")
    .option("--watch", "print again whenever the status changes (with --json, one document per line)")
    .addHelpText(
      "after",
      "\nExit code: 0 if every cluster is reachable, every pod is placed and every certificate is valid for 30 days, else 1.",
    )
    .action(async (options: { json?: boolean; watch?: boolean }) => {
      if (options.watch) return watch(options.json ?? false);
      const report = await collectStatus();
      process.stdout.write(
        `${options.json ? JSON.stringify(report, null, 2) : renderStatus(report, process.stdout.columns)}\n`,
      );
      if (!isHealthy(report)) process.exitCode = 1;
    });
}
