/**
 * Servers of one cluster in the lab: time to join and to replace one, time without writes when one of three dies, and memory.
 *
 *   npx tsx bench/lab-servers.ts [rounds]
 */
import { setTimeout as sleep } from "node:timers/promises";

import { ConsoleProgress } from "../cli/progress";
import { tool } from "../cli/tools/catalogue";
import { resolveTools } from "../cli/tools/resolve";
import { operations as membership } from "../components/clusters/server-membership-operations";
import { Writer } from "../test/e2e/writer";
import { type LabCluster, withCluster } from "./lab-cluster";
import { record, spread, table } from "./record";

const MIB = 2 ** 20;
const SERVERS = [1, 2, 3] as const;
/** Election timeouts of etcd, in s: the lab's default, and that of K3s. */
const ELECTION_TIMEOUTS = [2, 5] as const;

type Measured = Record<string, number[]>;

const nameOf = (number: number): string => `bench-server-${number}`;

async function timed(samples: number[], work: () => Promise<unknown>): Promise<void> {
  const started = Date.now();
  await work();
  samples.push((Date.now() - started) / 1000);
}

const untilReady = async (cluster: LabCluster, nodes: number): Promise<void> => {
  while ((await cluster.ready()) < nodes) await sleep(50);
};

/** Leaves the cluster, deletes the machine, creates another one and joins, as `pulumi up` does for each server. */
async function replace(cluster: LabCluster, number: number): Promise<void> {
  const inputsOf = async () => ({
    cluster: "bench",
    node: nameOf(number),
    machine: (await cluster.lab.getServer(nameOf(number))).id,
    drainTimeoutSeconds: 60,
    kubeconfig: cluster.kubeconfig,
  });
  const { outs } = await membership.create(await inputsOf());
  await membership.delete!("", outs!);
  await cluster.lab.deleteServer(nameOf(number));
  await cluster.addServer(number);
  await membership.create(await inputsOf());
}

/** What clients notice of the loss of a server, in seconds. */
interface Loss {
  readonly withoutWrites: number;
  readonly slowestWrite: number;
}

/** Switches a server off while clients write. */
async function lose(cluster: LabCluster, number: number, name: string): Promise<Loss> {
  const writer = new Writer(cluster.config, name);
  while (writer.count < 20) await sleep(10);
  await cluster.lab.stopServer(nameOf(number));
  const before = writer.count;
  while (writer.count < before + 40) await sleep(10);
  const withoutWrites = writer.longestGapMs / 1000;
  const lost = await writer.stop();
  const slowestWrite = writer.slowestWriteMs / 1000;
  if (lost.length > 0) throw new Error(`acknowledged writes are lost: ${lost.join(", ")}`);
  await cluster.lab.startServer(nameOf(number));
  while ((await cluster.lab.getServer(nameOf(number))).state !== "ready") await sleep(100);
  // etcd must have heard from the server again before the next one is lost.
  await sleep(6_000);
  return { withoutWrites, slowestWrite };
}

async function measure(lab: string, seconds: number, rounds: number, measured: Measured): Promise<void> {
  const of = (what: string): number[] => (measured[what] ??= []);
  const started = Date.now();
  await withCluster(
    lab,
    async (cluster) => {
      of("first server, from the start of the lab, s").push((Date.now() - started) / 1000);
      const memory = async (): Promise<number> => (await cluster.lab.status()).clusters[0]!.rssBytes / MIB;
      of("memory of the first server, MiB").push(await memory());
      for (const number of [2, 3]) {
        const before = await memory();
        await timed(of("another server joins, s"), () => cluster.addServer(number));
        await sleep(3_000);
        of("memory of another server, MiB").push((await memory()) - before);
      }
      for (let round = 0; round < rounds; round += 1) {
        await timed(of("an agent joins and is Ready, s"), async () => {
          await cluster.join(`agent${round}`, 1);
          await untilReady(cluster, SERVERS.length + 1 + round);
        });
      }
      for (const number of SERVERS.slice(0, rounds)) {
        await timed(of("a server is replaced, s"), () => replace(cluster, number));
      }
      for (let round = 0; round < rounds; round += 1) {
        for (const number of SERVERS) {
          const { withoutWrites, slowestWrite } = await lose(cluster, number, `write-${round}-${number}`);
          of(`one server lost, election timeout ${seconds} s: time without writes, s`).push(withoutWrites);
          of(`one server lost, election timeout ${seconds} s: slowest write, s`).push(slowestWrite);
        }
      }
    },
    { flags: ["--etcd-election-timeout", `${seconds}s`] },
  );
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 3);
  const [lab] = await resolveTools([tool("lab")], new ConsoleProgress());
  const measured: Measured = {};
  for (const seconds of ELECTION_TIMEOUTS) await measure(lab!.path, seconds, rounds, measured);
  const rows = Object.entries(measured).map(([what, samples]) => {
    const digits = what.endsWith("MiB") ? 0 : 1;
    const { median, min, max } = spread(samples);
    return [what, samples.length, median.toFixed(digits), min.toFixed(digits), max.toFixed(digits)];
  });
  const median = (what: string, digits = 0): string => spread(measured[what]!).median.toFixed(digits);
  const conclusions = ELECTION_TIMEOUTS.map(
    (seconds) =>
      `${median(`one server lost, election timeout ${seconds} s: time without writes, s`, 1)} s at ${seconds} s`,
  ).join(" and ");
  await record(
    "Servers in the lab",
    `npx tsx bench/lab-servers.ts ${rounds}`,
    `Another server costs ${median("memory of another server, MiB")} MiB and joins in ${median("another server joins, s")} s; replacing one takes ${median("a server is replaced, s")} s. When one of three is lost, no write succeeds for ${conclusions} election timeout (medians).\n\nEach server in turn is switched off while clients start a write every 50 ms through the cluster's address; some of these servers lead etcd, others follow. A write that waits for a lost leader fails only after etcd's request timeout, of 5 s and two election timeouts, while later writes succeed. The replacement includes the check that the other servers renew their leases, which takes up to 10 s. Other work ran on the machine.\n\n${table(["what", "samples", "median", "least", "most"], rows)}`,
  );
}

void main();
