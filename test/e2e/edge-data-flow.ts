import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { randomNumbers } from "../../bench/random-numbers";
import type { StatusReport } from "../../cli/status/report";
import type { LabProcess, LabStatus } from "../../components/nodes/lab/client";
import { edgeAgentNodes } from "../../fleet/edge-data/agent-nodes";
import type { Fleet } from "../../fleet/model";
import type { Checkout } from "./checkout";
import { eventually } from "./eventually";

/** What a database has of one agent and class; see `edge-ingest status`. */
interface Stream {
  readonly node: string;
  readonly messages: number;
  readonly conflicts: number;
  readonly rejected: number;
  readonly missing: number;
  readonly lastSequence: number;
}

/** Programs that carry messages, in the order of the messages. */
const PROGRAMS = ["edge-agent", "eclipse-mosquitto", "edge-ingest"];

/**
 * Time until all messages have arrived, in s. Agents send again after 30 s, and later after a minute and two; programs that are
 * killed repeatedly start again after up to 30 s.
 */
const ARRIVED_WITHIN = 240;

/** Returns the path of a cluster's database in the lab. */
function findDatabase(checkout: Checkout, cluster: string): string {
  const folder = join(checkout.home, "lab", "volumes", cluster);
  const files = readdirSync(folder)
    .map((volume) => join(folder, volume, "edge.db"))
    .filter(existsSync);
  if (files.length !== 1) throw new Error(`${folder} has ${files.length} databases`);
  return files[0]!;
}

async function readStreams(checkout: Checkout, cluster: string): Promise<readonly Stream[]> {
  const location = `sqlite:${findDatabase(checkout, cluster)}`;
  const text = await checkout.succeed(".skerry/tools/edge-ingest", "status", "--database", location, "--json");
  return (JSON.parse(text) as { readonly streams: readonly Stream[] }).streams;
}

/**
 * Waits until the database of each cluster has every message up to the last of each agent, exactly once. A database has one row per
 * message, so as many messages as the last one's sequence are all of them.
 *
 * @param atLeast messages that it must have of each agent
 */
export async function expectMessages(checkout: Checkout, fleet: Fleet, atLeast = 1): Promise<void> {
  for (const cluster of fleet.clusters) {
    const nodes = edgeAgentNodes(cluster).map(({ node }) => node);
    await eventually(`all messages of ${cluster.name} are stored`, ARRIVED_WITHIN, async () => {
      const streams = await readStreams(checkout, cluster.name);
      const wrong = streams.filter(
        ({ messages, lastSequence, missing, conflicts, rejected }) =>
          messages !== lastSequence || messages < atLeast || missing + conflicts + rejected > 0,
      );
      const silent = nodes.filter((node) => !streams.some((stream) => stream.node === node));
      if (wrong.length + silent.length > 0) throw new Error(JSON.stringify({ wrong, silent }));
      return true;
    });
  }
}

/** Checks that readings of sensors reach the databases through agents and brokers, also if these are killed. */
export function describeEdgeData(
  checkout: Checkout,
  fleet: Fleet,
  lab: () => Promise<LabStatus>,
  status: () => Promise<StatusReport>,
): void {
  test("the lab simulates nothing that it could run", async () => {
    expect((await lab()).simulation).toBeUndefined();
  });

  test("agents, brokers and ingests run as processes", async () => {
    const { processes } = await lab();
    const countOf = (program: string): number =>
      processes.filter(({ image, state }) => image.includes(program) && state === "running").length;
    expect(PROGRAMS.map(countOf)).toEqual([
      fleet.clusters.flatMap(edgeAgentNodes).length,
      fleet.clusters.flatMap(({ brokers }) => brokers).length + fleet.clusters.length,
      fleet.clusters.length,
    ]);
  });

  test("readings of every agent are in the database of its cluster", () => expectMessages(checkout, fleet));

  test("the status shows them flowing", async () => {
    const { value } = await eventually("every agent has an acknowledgement", 60, async () => {
      const report = await status();
      return report.edgeAgents.every(({ lastAcknowledgement }) => lastAcknowledgement !== undefined) && report;
    });
    expect(value.edgeAgents).toHaveLength(fleet.clusters.flatMap(edgeAgentNodes).length);
    for (const { connected, classes } of value.edgeAgents) {
      expect({ connected, lost: classes.map(({ lost }) => lost) }).toEqual({ connected: true, lost: [0] });
    }
    for (const { stored, rejected } of value.edgeIngests) {
      expect(stored).toBeGreaterThan(0);
      expect(rejected).toBe(0);
    }
  });

  test("nothing is lost or stored twice when agents, brokers and ingests are killed at random moments", async () => {
    const seed = Number(process.env.SKERRY_SEED ?? 1);
    const random = randomNumbers(seed);
    const victims: string[] = [];
    const { name } = fleet.clusters.find((cluster) => cluster.edgeAgents.length > 0)!;
    const before = Math.max(...(await readStreams(checkout, name)).map(({ lastSequence }) => lastSequence));
    for (let round = 0; round < 8; round++) {
      const running = (await lab()).processes.filter(
        ({ cluster, state, image }: LabProcess) =>
          cluster === name && state === "running" && PROGRAMS.some((program) => image.includes(program)),
      );
      const victim = running[Math.floor(random() * running.length)]!;
      process.kill(victim.pid, "SIGKILL");
      victims.push(victim.pod);
      await sleep(4_000 * random());
    }
    await expectMessages(checkout, fleet, before + 1).catch((error: unknown) => {
      throw new Error(`seed ${seed}, killed ${victims.join(", ")}`, { cause: error });
    });
  }, 600_000);
}
