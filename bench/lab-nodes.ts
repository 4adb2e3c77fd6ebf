/**
 * Time until the nodes of one cluster are Ready in the lab, and the memory of the control plane.
 *
 *   npx tsx bench/lab-nodes.ts [nodes ...]
 */
import { setTimeout as sleep } from "node:timers/promises";

import { ConsoleProgress } from "../cli/progress";
import { tool } from "../cli/tools/catalogue";
import { resolveTools } from "../cli/tools/resolve";
import { withCluster } from "./lab-cluster";
import { record, table } from "./record";

const MIB = 2 ** 20;

async function measure(labBinary: string, count: number): Promise<(string | number)[]> {
  const started = Date.now();
  return withCluster(labBinary, async (cluster) => {
    const serverReady = Date.now();
    const memory = async (): Promise<number> => Math.round((await cluster.lab.status()).clusters[0]!.rssBytes / MIB);
    const empty = await memory();
    await cluster.join("bench", count);
    const joined = Date.now();
    while ((await cluster.ready()) < count + 1) await sleep(250);
    const ready = Date.now();
    const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
    return [
      count,
      seconds(started, serverReady),
      seconds(serverReady, joined),
      seconds(serverReady, ready),
      ((ready - serverReady) / count).toFixed(1),
      empty,
      await memory(),
    ];
  });
}

async function main(): Promise<void> {
  const counts = process.argv.slice(2).map(Number);
  const [lab] = await resolveTools([tool("lab")], new ConsoleProgress());
  const rows = [];
  for (const count of counts.length > 0 ? counts : [100, 1_000, 3_000]) rows.push(await measure(lab!.path, count));
  const head = ["nodes", "server ready (s)", "all joined (s)", "all Ready (s)", "ms a node", "MiB empty", "MiB then"];
  await record(
    "Nodes in the lab",
    `npx tsx bench/lab-nodes.ts${counts.length ? ` ${counts.join(" ")}` : ""}`,
    `One cluster; joined and Ready are counted from when the server was, and that from the lab's start; memory is the control plane's process, resident. One run each.\n\n${table(head, rows)}`,
  );
}

void main();
