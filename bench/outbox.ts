/**
 * Measures the outbox against bbolt, SQLite and the disk's fsync.
 *
 *   npx tsx bench/outbox.ts [rounds] [messages]
 *
 * The stores take turns in each round, so that other load on the machine affects all of them. The folder is below the
 * checkout, not below /tmp, which may be in memory.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { record, spread, table } from "./record";

interface Appends {
  readonly store: string;
  readonly bytes: number;
  readonly producers: number;
  readonly perSecond: number;
  readonly cpuPerMessage: number;
}
interface Memory {
  readonly anonymous: number;
  readonly mapped: number;
  readonly peak: number;
}
interface Filled {
  readonly diskBytes: number;
  readonly appending: Memory;
}
interface Opened {
  readonly messages: number;
  readonly openSeconds: number;
  readonly readSeconds: number;
  readonly opened: Memory;
  readonly read: Memory;
}

const stores = ["outbox", "bbolt", "bbolt-batch", "sqlite", "sqlite-single"];
const sizes = [16, 1024];
const producers = [1, 16, 256];
const DURATION = "2s";
const QUEUED_BYTES = 100;

const module = join(__dirname, "outbox");
mkdirSync(join(__dirname, "..", ".skerry"), { recursive: true });
const scratch = mkdtempSync(join(__dirname, "..", ".skerry", "bench-outbox-"));
const program = join(scratch, "outbox");
const run = promisify(execFile);

/** Runs the program in a folder, which is new unless it is given. */
async function measure<T>(
  verb: string,
  store: string,
  args: readonly (string | number)[],
  folder?: string,
): Promise<T> {
  const used = folder ?? mkdtempSync(join(scratch, "store-"));
  try {
    return JSON.parse((await run(program, [verb, store, used, ...args.map(String)])).stdout) as T;
  } finally {
    if (!folder) rmSync(used, { recursive: true });
  }
}

async function appendSections(rounds: number): Promise<string> {
  const results: Appends[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const size of sizes) {
      for (const count of producers) {
        for (const store of ["disk", ...stores])
          results.push(await measure<Appends>("append", store, [size, count, DURATION]));
        process.stderr.write(`round ${round + 1} of ${rounds}: ${size} B, ${count} producers\n`);
      }
    }
  }
  /** Of each number of producers, the values of a store, which may depend on the baseline of the same round. */
  const cells = (
    store: string,
    size: number,
    value: (result: Appends, baseline: Appends) => number,
    digits: number,
    base: string,
  ) =>
    producers.map((count) => {
      const select = (name: string): Appends[] =>
        results.filter((each) => each.store === name && each.bytes === size && each.producers === count);
      const baselines = select(base);
      const { median, min, max } = spread(select(store).map((each, round) => value(each, baselines[round]!)));
      return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
    });
  const head = ["store", "size", ...producers.map((count) => (count === 1 ? "1 producer" : `${count} producers`))];
  const of = (
    names: readonly string[],
    value: (result: Appends, baseline: Appends) => number,
    digits: number,
    base = "disk",
  ): string =>
    table(
      head,
      sizes.flatMap((size) => names.map((store) => [store, `${size} B`, ...cells(store, size, value, digits, base)])),
    );
  return [
    "Durable appends per second:",
    of(["disk", ...stores], (result) => result.perSecond, 0),
    "Appends per second, as a share of the disk's in the same round:",
    of(stores, (result, disk) => result.perSecond / disk.perSecond, 2),
    "The outbox's appends per second, as a multiple of the store's in the same round:",
    of(stores.slice(1), (result, outbox) => outbox.perSecond / result.perSecond, 1, "outbox"),
    "Processor time per message, µs:",
    of(["disk", ...stores], (result) => result.cpuPerMessage, 1),
  ].join("\n\n");
}

async function queuedSection(messages: number): Promise<string> {
  const mib = ({ anonymous, mapped }: Memory): string =>
    `${(anonymous + mapped).toFixed(1)} (${anonymous.toFixed(1)} + ${mapped.toFixed(1)})`;
  const rows = [];
  for (const store of ["outbox", "bbolt", "sqlite"]) {
    const empty = await measure<Opened>("open", store, []);
    const folder = mkdtempSync(join(scratch, "queued-"));
    const filled = await measure<Filled>("fill", store, [QUEUED_BYTES, messages], folder);
    const opened = await measure<Opened>("open", store, [], folder);
    rmSync(folder, { recursive: true });
    if (opened.messages !== messages + 1) throw new Error(`${store}: ${opened.messages} messages were read`);
    rows.push([
      store,
      (filled.diskBytes / messages).toFixed(1),
      mib(empty.opened),
      mib(opened.opened),
      mib(opened.read),
      filled.appending.peak.toFixed(1),
      (opened.openSeconds * 1000).toFixed(0),
      (messages / opened.readSeconds / 1000).toFixed(0),
    ]);
    process.stderr.write(`${store}: ${messages} messages\n`);
  }
  return table(
    [
      "store",
      "bytes on disk per message",
      "MiB, empty",
      "MiB, opened",
      "MiB, all read",
      "peak MiB while appending",
      "open and append, ms",
      "read, 1000/s",
    ],
    rows,
  );
}

async function main(): Promise<void> {
  const [rounds = 3, messages = 1_000_000] = process.argv.slice(2).map(Number);
  const load = (): string => loadavg()[0]!.toFixed(1);
  try {
    await run("go", ["build", "-trimpath", "-o", program, "."], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
    });
    const before = load();
    const appends = await appendSections(rounds);
    const queued = await queuedSection(messages);
    await record(
      "Outbox against bbolt and SQLite",
      `npx tsx bench/outbox.ts ${rounds} ${messages}`,
      `Load average ${before} before and ${load()} after. Each measurement takes ${DURATION}; median (least–most) of ${rounds} rounds. "disk" writes the payloads of all producers with one write and one fsync, and nothing else: the physical limit. "bbolt" and "sqlite" share a transaction among the messages that arrive during the transaction before, as the outbox does; "bbolt-batch" uses bbolt's own Batch, "sqlite-single" one transaction per message. SQLite has a write-ahead log and synchronous=FULL.

${appends}

${messages} queued messages of ${QUEUED_BYTES} B, one run. Resident memory is that of a process that opens the store and appends one message (own pages + pages mapped from files, which for bbolt include its data); then after it has read all messages.

${queued}`,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main();
