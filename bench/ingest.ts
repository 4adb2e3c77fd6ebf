/**
 * Measures how fast the ingest stores messages in SQLite and PostgreSQL, next to the plainest statements that store them.
 *
 *   npx tsx bench/ingest.ts [--rounds n] [--batches n]
 *
 * The methods take turns in each round, so that other load on the machine affects all of them. The files are below the
 * checkout, not below /tmp, which may be in memory.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { program } from "commander";

import { record, spread, table } from "./record";

interface Measured {
  readonly perSecond: number;
  readonly cpuPerMessage: number;
  /** Absent where the program under test is this benchmark's own. */
  readonly peakMiB?: number;
}

const databases = ["SQLite", "PostgreSQL"] as const;
type Database = (typeof databases)[number];

/** The baselines come first. The pipeline is measured with an agent's window of messages. */
const methods: Record<Database, Record<string, string>> = {
  SQLite: { INSERT: "insert", ingest: "write", "ingest, with Mosquitto": "pipeline" },
  PostgreSQL: { COPY: "copy", INSERT: "insert", ingest: "write", "ingest, with Mosquitto": "pipeline" },
};
const nodeCounts = [1, 1000];
const BATCH = 1000;

const { rounds, batches } = program
  .option("--rounds <n>", "rounds", Number, 5)
  .option("--batches <n>", "batches of 1000 messages per measurement", Number, 20)
  .parse()
  .opts<{ rounds: number; batches: number }>();

const runtime = join(__dirname, "..", "runtime");
mkdirSync(join(__dirname, "..", ".skerry"), { recursive: true });
const scratch = mkdtempSync(join(__dirname, "..", ".skerry", "bench-ingest-"));
const run = promisify(execFile);

function build(name: string, folder: string): string {
  const output = join(scratch, name);
  execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", output, folder], {
    cwd: runtime,
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
  });
  return output;
}

async function main(): Promise<void> {
  const bench = build("bench", "./internal/bench/ingest");
  const ingest = build("edge-ingest", "./cmd/edge-ingest");
  const server = spawn(bench, ["postgres"], { stdio: ["pipe", "pipe", "inherit"], cwd: runtime });
  const [postgres] = (await once(createInterface(server.stdout), "line")) as [string];
  let used = 0;
  /** Returns the location of a new database. */
  const create = (database: Database): string => {
    used++;
    if (database === "SQLite") return `sqlite:${join(scratch, `${used}.db`)}`;
    execFileSync("psql", ["-q", "-d", postgres, "-c", `CREATE DATABASE bench${used}`]);
    return postgres.replace("/postgres?", `/bench${used}?`);
  };
  const results: (Measured & { database: Database; method: string; nodes: number })[] = [];
  const load = loadavg()[0]!;
  try {
    for (let round = 0; round < rounds; round++)
      for (const nodes of nodeCounts)
        for (const database of databases)
          for (const [method, verb] of Object.entries(methods[database])) {
            const count = verb === "pipeline" ? batches * BATCH : batches;
            const { stdout } = await run(bench, [verb, create(database), String(nodes), String(count), ingest], {
              cwd: runtime,
            });
            results.push({ ...(JSON.parse(stdout) as Measured), database, method, nodes });
            process.stderr.write(`round ${round + 1} of ${rounds}: ${database}, ${method}, ${nodes} nodes: ${stdout}`);
          }
  } finally {
    server.stdin.end();
    await once(server, "exit");
    rmSync(scratch, { recursive: true });
  }
  const rows = nodeCounts.flatMap((nodes) =>
    databases.flatMap((database) =>
      Object.keys(methods[database]).map((method) => {
        const select = (of: string): Measured[] =>
          results.filter((each) => each.database === database && each.method === of && each.nodes === nodes);
        const baselines = select(Object.keys(methods[database])[0]!);
        const cell = (values: readonly number[], digits: number): string => {
          const { median, min, max } = spread(values);
          return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
        };
        const measured = select(method);
        return [
          nodes,
          database,
          method,
          cell(
            measured.map(({ perSecond }) => perSecond),
            0,
          ),
          cell(
            measured.map(({ perSecond }, round) => perSecond / baselines[round]!.perSecond),
            2,
          ),
          cell(
            measured.map(({ cpuPerMessage }) => cpuPerMessage),
            1,
          ),
          measured[0]!.peakMiB === undefined ? "" : Math.max(...measured.map(({ peakMiB }) => peakMiB!)).toFixed(0),
        ];
      }),
    ),
  );
  await record(
    "Ingest: messages per second",
    `npx tsx bench/ingest.ts --rounds ${rounds} --batches ${batches}`,
    `Load average ${load.toFixed(1)} before and ${loadavg()[0]!.toFixed(1)} after. Transactions of ${BATCH} readings of about 250 B, ${batches} per measurement; median (least–most) of ${rounds} rounds. The baselines store payloads with their keys as text and do nothing else; "INSERT" is a loop over a prepared statement. "ingest" decodes, finds duplicates and gaps, and compares contents. "with Mosquitto" adds the broker, the end-to-end acknowledgements and a window of 1000 messages; its processor time is that of the process edge-ingest, from its start. Processor time is without that of the PostgreSQL server, which works beside on the same cores.\n\n${table(
      [
        "nodes",
        "database",
        "method",
        "messages/s",
        "share of the first baseline",
        "processor time per message, µs",
        "peak memory, MiB",
      ],
      rows,
    )}`,
  );
}

void main();
