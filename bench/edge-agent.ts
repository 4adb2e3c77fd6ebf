/**
 * Memory, processor time, start time, sizes and rates of the edge agent. Its relay is compared with Mosquitto, which acknowledges from
 * memory, with NATS JetStream, which flushes each message, with mochi-mqtt's broker on the same outbox, and with the disk.
 *
 *   npx tsx bench/edge-agent.ts [--rounds n] [--queued n]
 *
 * All brokers get the same load over MQTT 3.1.1 with QoS 1, and keep messages for an absent subscriber. They take turns in
 * each round, so that other load on the machine affects all of them. Folders are below the checkout, not below /tmp, which
 * may be in memory.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { program } from "commander";

import { record, spread, table } from "./record";

const { rounds, queued } = program
  .option("--rounds <n>", "rounds", Number, 3)
  .option("--queued <n>", "messages that wait", Number, 1_000_000)
  .parse()
  .opts<{ rounds: number; queued: number }>();

const DURATION = "2s";
const QUEUED_BYTES = 100;
const KILLS = 5;
const sizes = [16, 1024];
/** Devices, and messages that each of them has in flight. */
const loads = [
  [1, 1],
  [1, 64],
  [16, 64],
] as const;
const [AGENT, MOSQUITTO, NATS, HTTP, MOCHI] = [
  "127.0.0.1:21883",
  "127.0.0.1:21884",
  "127.0.0.1:21885",
  "127.0.0.1:21886",
  "127.0.0.1:21888",
];
const systems = {
  "edge agent": AGENT,
  "mochi-mqtt's broker on the outbox": MOCHI,
  "Mosquitto, memory": MOSQUITTO,
  "NATS JetStream, sync always": NATS,
} as const;
type System = keyof typeof systems;

const checkout = join(__dirname, "..");
mkdirSync(join(checkout, ".skerry"), { recursive: true });
const scratch = mkdtempSync(join(checkout, ".skerry", "bench-edge-agent-"));
const run = promisify(execFile);

function build(module: string, target: string, name: string, platform: NodeJS.ProcessEnv = {}): string {
  const output = join(scratch, name);
  // As a release is built.
  const flags = ["-trimpath", "-tags", "modbus,onewire,nethttpomithttp2", "-ldflags=-s -w", "-o", output];
  execFileSync("go", ["build", ...flags, target], {
    cwd: join(checkout, module),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off", ...platform },
    stdio: "inherit",
  });
  return output;
}

interface Rate {
  readonly messages: number;
  readonly perSecond: number;
  readonly medianMs: number;
}
interface Drained extends Rate {
  readonly duplicates: number;
  readonly seconds: number;
}

const programs = { agent: "", load: "", mochi: "", nats: "", mosquitto: "" };

async function load<T = Rate>(...args: readonly (string | number)[]): Promise<T> {
  return JSON.parse((await run(programs.load, args.map(String), { maxBuffer: 1 << 26 })).stdout) as T;
}

/** Waits until an address accepts connections. */
async function listening(address: string): Promise<void> {
  const [host, port] = address.split(":") as [string, string];
  for (;;) {
    const ok = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), host, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (ok) return;
    await sleep(2);
  }
}

async function start(command: string, args: readonly string[], address: string): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: "ignore" });
  await listening(address);
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exited;
}

/** Writes the configuration of an agent whose uplink is a broker, and returns the arguments. */
function agentArguments(folder: string, uplink: string = "127.0.0.1:1"): string[] {
  const file = join(folder, "agent.json");
  writeFileSync(
    file,
    JSON.stringify({
      node: "bench",
      stateDir: join(folder, "state"),
      classes: [{ name: "telemetry", maxBytes: "8Gi", whenFull: "Refuse" }],
      routes: [{ filter: "#", class: "telemetry" }],
      relay: { listen: { address: AGENT } },
      uplink: { address: `mqtt://${uplink}`, maxBackoff: "1s" },
      sensors: [{ name: "a", driver: "simulated", unit: "Cel", interval: "1s", simulated: { mean: 20 } }],
    }),
  );
  return ["--config", file, "--http-address", HTTP];
}

const folder = (): string => mkdtempSync(join(scratch, "run-"));

async function startSystem(system: System, used: string = folder(), uplink?: string): Promise<ChildProcess> {
  if (system === "edge agent") return start(programs.agent, agentArguments(used, uplink), AGENT);
  if (system === "mochi-mqtt's broker on the outbox") return start(programs.mochi, [used, MOCHI], MOCHI);
  const config = join(used, "config");
  if (system === "Mosquitto, memory") {
    const [host, port] = MOSQUITTO.split(":");
    writeFileSync(config, `listener ${port} ${host}\nallow_anonymous true\nmax_queued_messages 0\n`);
    return start(programs.mosquitto, ["-c", config], MOSQUITTO);
  }
  writeFileSync(
    config,
    `listen: 127.0.0.1:21887\nserver_name: bench\njetstream { store_dir: "${used}", sync_interval: always }\nmqtt { listen: ${NATS} }\n`,
  );
  const child = await start(programs.nats, ["-c", config], NATS);
  // JetStream is ready a little later.
  await sleep(1000);
  return child;
}

async function publishSections(): Promise<string> {
  const results: { system: string; size: number; load: number; rate: Rate }[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const size of sizes) {
      for (const [index, [devices, inFlight]] of loads.entries()) {
        const rate = await load("disk", scratch, size, devices * inFlight, DURATION);
        results.push({ system: "disk", size, load: index, rate });
        for (const system of Object.keys(systems) as System[]) {
          const child = await startSystem(system);
          if (system.startsWith("Mosquitto") || system.startsWith("NATS"))
            await load("listen", systems[system], "devices/#");
          const published = await load("publish", systems[system], size, devices, inFlight, DURATION);
          results.push({ system, size, load: index, rate: published });
          await stop(child);
        }
        process.stderr.write(`round ${round + 1} of ${rounds}: ${size} B, ${devices} × ${inFlight}\n`);
      }
    }
  }
  const head = ["system", "size", ...loads.map(([devices, inFlight]) => `${devices} × ${inFlight}`)];
  const select = (system: string, size: number, index: number): Rate[] =>
    results
      .filter((each) => each.system === system && each.size === size && each.load === index)
      .map((each) => each.rate);
  const of = (names: readonly string[], digits: number, value: (rate: Rate, agent: Rate) => number): string =>
    table(
      head,
      sizes.flatMap((size) =>
        names.map((system) => [
          system,
          `${size} B`,
          ...loads.map((_, index) => {
            const agents = select("edge agent", size, index);
            const { median, min, max } = spread(
              select(system, size, index).map((rate, round) => value(rate, agents[round]!)),
            );
            return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
          }),
        ]),
      ),
    );
  const names = Object.keys(systems);
  return [
    "Acknowledged messages per second:",
    of(["disk", ...names], 0, (rate) => rate.perSecond),
    "The agent's rate as a multiple of the system's in the same round:",
    of(["disk", ...names.slice(1)], 2, (rate, agent) => agent.perSecond / rate.perSecond),
    "Median time from publishing to PUBACK, ms:",
    of(names, 2, (rate) => rate.medianMs),
  ].join("\n\n");
}

function residentMiB({ pid }: ChildProcess): { now: number; most: number; anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
  return { now: mib("VmRSS"), most: mib("VmHWM"), anonymous: mib("RssAnon") };
}

/** Returns the processor time of a process in seconds, of which the kernel counts hundredths. */
function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function memorySection(): Promise<string> {
  const rows: string[][] = [];
  const add = (state: string, child: ChildProcess, perMessage = ""): void => {
    const { now, most, anonymous } = residentMiB(child);
    rows.push([state, now.toFixed(1), anonymous.toFixed(1), most.toFixed(1), perMessage]);
  };
  const publish = async (child: ChildProcess, address: string, devices: number, inFlight: number): Promise<string> => {
    const before = processorSeconds(child);
    const { messages } = await load("publish", address, QUEUED_BYTES, devices, inFlight, "5s");
    return ((1e6 * (processorSeconds(child) - before)) / messages).toFixed(1);
  };
  const used = folder();
  let agent = await start(programs.agent, agentArguments(used), AGENT);
  await sleep(5000);
  add("idle: one sensor, no broker", agent);
  add("one device, one message at a time, 5 s", agent, await publish(agent, AGENT, 1, 1));
  add("16 devices, 64 messages in flight each, 5 s", agent, await publish(agent, AGENT, 16, 64));
  await load("fill", AGENT, QUEUED_BYTES, queued);
  await stop(agent);
  agent = await start(programs.agent, agentArguments(used), AGENT);
  await sleep(3000);
  add(`started with at least ${queued} messages waiting`, agent);
  await stop(agent);
  rmSync(used, { recursive: true });

  const mochi = await startSystem("mochi-mqtt's broker on the outbox");
  await sleep(5000);
  add("mochi-mqtt's broker on the outbox, without sensors and uplink: idle", mochi);
  add("mochi-mqtt's broker: 16 devices, 64 messages in flight each, 5 s", mochi, await publish(mochi, MOCHI, 16, 64));
  await stop(mochi);

  const drain = folder();
  agent = await start(programs.agent, agentArguments(drain), AGENT);
  await load("fill", AGENT, QUEUED_BYTES, queued);
  await stop(agent);
  const broker = await startSystem("Mosquitto, memory");
  const cloud = load<Drained>("cloud", MOSQUITTO, queued);
  await sleep(500);
  agent = await start(programs.agent, agentArguments(drain, MOSQUITTO), AGENT);
  const drained = await cloud;
  const perMessage = ((1e6 * processorSeconds(agent)) / queued).toFixed(1);
  add(`while ${queued} messages were drained`, agent, perMessage);
  await stop(agent);
  await stop(broker);
  return `${table(["state", "resident, MiB", "anonymous, MiB", "most resident, MiB", "processor time per message, µs"], rows)}

Drain: ${queued} messages of ${QUEUED_BYTES} B through Mosquitto to a program that acknowledges like the cloud, every 10 ms: ${Math.round(drained.perSecond)} messages per second, ${drained.duplicates} sent twice.`;
}

interface Numbers {
  readonly numbers: readonly number[];
}

/** Kills each system while a device publishes, and counts the acknowledged messages that no longer arrive. */
async function killSection(): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const system of ["edge agent", "Mosquitto, memory", "NATS JetStream, sync always"] as const) {
    const isAgent = system === "edge agent";
    let [acknowledged, lost] = [0, 0];
    for (let kill = 0; kill < KILLS; kill++) {
      const used = folder();
      const killed = await startSystem(system, used);
      if (!isAgent) await load("listen", systems[system], "devices/#");
      const promised = load<Numbers>("promise", systems[system]);
      await sleep(500 + Math.random() * 1000);
      await stop(killed, "SIGKILL");
      const { numbers } = await promised;
      const broker = isAgent ? await startSystem("Mosquitto, memory") : undefined;
      // The subscription has to be there first. The agent would send what it misses again, but only after half a minute.
      if (broker) await load("listen", MOSQUITTO, "skerry/v1/up/+/+");
      const restarted = await startSystem(system, used, MOSQUITTO);
      const arrived = new Set((await load<Numbers>("collect", isAgent ? MOSQUITTO : systems[system], "3s")).numbers);
      acknowledged += numbers.length;
      lost += numbers.filter((number) => !arrived.has(number)).length;
      await stop(restarted);
      if (broker) await stop(broker);
    }
    rows.push([system, acknowledged, lost, `${((100 * lost) / acknowledged).toFixed(1)} %`]);
    process.stderr.write(`${system}: ${KILLS} kills\n`);
  }
  return table(["system", "acknowledged", "lost", "share"], rows);
}

async function startSection(): Promise<string> {
  const times: number[] = [];
  for (let each = 0; each < 20; each++) {
    const args = agentArguments(folder());
    const began = performance.now();
    const child = await start(programs.agent, args, AGENT);
    times.push(performance.now() - began);
    await stop(child);
  }
  const { median, min, max } = spread(times);
  return `From the start of the process until its listener accepts devices, the outbox being open: ${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)}), 20 starts.`;
}

function sizeSection(): string {
  const platforms = {
    "linux/arm64": { GOOS: "linux", GOARCH: "arm64" },
    "linux/arm/v7": { GOOS: "linux", GOARCH: "arm", GOARM: "7" },
    "linux/amd64": { GOOS: "linux", GOARCH: "amd64" },
    "windows/amd64": { GOOS: "windows", GOARCH: "amd64" },
  };
  return table(
    ["platform", "MB on disk"],
    Object.entries(platforms).map(([name, platform]) => {
      const output = build("runtime", "./cmd/edge-agent", name.replaceAll("/", "-"), platform);
      return [name, (statSync(output).size / 1e6).toFixed(2)];
    }),
  );
}

async function main(): Promise<void> {
  const average = (): string => loadavg()[0]!.toFixed(1);
  programs.agent = build("runtime", "./cmd/edge-agent", "edge-agent");
  programs.load = build("runtime", "./internal/bench/edge-load", "edge-load");
  programs.mochi = build("runtime", "./internal/bench/mochi-relay", "mochi-relay");
  programs.nats = build("bench/nats", "github.com/nats-io/nats-server/v2", "nats-server");
  programs.mosquitto = execFileSync(join(checkout, "scripts", "ensure-mosquitto"), { encoding: "utf8" }).split(
    "\n",
  )[0]!;
  const before = average();
  const memory = await memorySection();
  const starting = await startSection();
  const published = await publishSections();
  const losses = await killSection();
  await record(
    "Edge agent",
    `npx tsx bench/edge-agent.ts --rounds ${rounds} --queued ${queued}`,
    `Load average ${before} before and ${average()} after. Resident memory has the pages of the program itself, which the kernel can drop; anonymous memory is the rest.

${memory}

${starting}

${sizeSection()}

Devices × messages in flight of each; ${DURATION} per measurement, median (least–most) of ${rounds} rounds. The agent acknowledges after fsync. Mosquitto acknowledges from memory and loses what it acknowledged when it is killed. mochi-mqtt's broker keeps each message in the same outbox before PUBACK, by its hook; that program has ${(statSync(programs.mochi).size / 1e6).toFixed(2)} MB without sensors, uplink, configuration and HTTP. "disk" writes as many payloads as are in flight with one write and one fsync, and nothing else: the physical limit.

${published}

Each system is killed (SIGKILL) ${KILLS} times, 0.5 to 1.5 s after a device began to publish 5,000 messages per second. Lost are acknowledged messages that do not arrive after a restart, at a subscriber whose session was there before:

${losses}`,
  );
}

void main().finally(() => rmSync(scratch, { recursive: true, force: true }));
