/**
 * Size, start time, memory and CPU time of the node agent, next to a program that publishes the same samples with client-go.
 * Both measure this machine with 20 pods, and publish to a server with TLS.
 *
 *   npx tsx bench/node-agent.ts [--samples n] [--runs n]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { program } from "commander";

import { record, spread, table } from "./record";

/** Clock ticks per second, the unit of CPU time in /proc. */
const TICKS = 100;
/** Interval of the agents' samples in production, in seconds. */
const PRODUCTION_INTERVAL = 30;
const PODS = 20;

const programs = {
  "node agent": { package: "./cmd/node-agent", arguments: (folder: string) => [`--state-dir=${folder}`] },
  "with client-go": { package: "./internal/bench/clientgo-agent", arguments: () => [] },
} as const;
type Name = keyof typeof programs;

const { samples, runs } = program
  .option("--samples <n>", "samples per run, one per second", Number, 60)
  .option("--runs <n>", "runs", Number, 3)
  .parse()
  .opts<{ samples: number; runs: number }>();
const scratch = mkdtempSync(join(tmpdir(), "skerry-bench-node-agent-"));

/** Builds a program as the image does, and returns its path. */
function build(name: Name, architecture: string = "amd64"): string {
  const output = join(scratch, `${name.replace(/ /g, "-")}-${architecture}`);
  execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", output, programs[name].package], {
    cwd: join(__dirname, "../runtime"),
    env: { ...process.env, CGO_ENABLED: "0", GOARCH: architecture, GOARM: "7", GOWORK: "off" },
  });
  return output;
}

/** Creates a folder like this machine's /sys, with the control groups of pods. */
function createSys(): string {
  const folder = join(scratch, "sys");
  mkdirSync(join(folder, "fs/cgroup/kubepods"), { recursive: true });
  writeFileSync(join(folder, "fs/cgroup/cgroup.controllers"), "cpu memory\n");
  symlinkSync("/sys/block", join(folder, "block"));
  symlinkSync("/sys/class", join(folder, "class"));
  const statistics = Array.from({ length: 40 }, (_, line) => `counter_${line} 123456789`).join("\n");
  for (let pod = 0; pod < PODS; pod++) {
    const path = join(folder, `fs/cgroup/kubepods/pod0a1b2c3d-0000-4000-8000-${String(pod).padStart(12, "0")}`);
    mkdirSync(path);
    writeFileSync(join(path, "cpu.stat"), "usage_usec 1000000\nuser_usec 1\nsystem_usec 1\n");
    writeFileSync(join(path, "memory.current"), "104857600\n");
    writeFileSync(join(path, "memory.stat"), `${statistics}\ninactive_file 1048576\n`);
  }
  return folder;
}

/** A server that accepts every request. */
async function startServer(): Promise<{
  readonly server: Server;
  readonly url: string;
  readonly published: () => number;
}> {
  const [key, cert] = [join(scratch, "key.pem"), join(scratch, "ca.crt")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
    ].concat(["-subj", "/CN=bench", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"]),
    { stdio: "ignore" },
  );
  writeFileSync(join(scratch, "token"), "token");
  let published = 0;
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    request.resume().on("end", () => {
      if (request.url!.endsWith("/status")) published++;
      response.setHeader("Content-Type", "application/json");
      const kind = request.url!.includes("/nodes/")
        ? '"kind":"Node","apiVersion":"v1"'
        : '"kind":"NodeProfile","apiVersion":"skerry.dev/v1alpha1"';
      response.end(`{${kind},"metadata":{"name":"n","uid":"u"}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, published: () => published };
}

function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function residentMiB({ pid }: ChildProcess): { resident: number; anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
  return { resident: mib("VmHWM"), anonymous: mib("RssAnon") };
}

interface Run {
  readonly resident: number;
  readonly anonymous: number;
  readonly cpuMsPerSample: number;
}

async function measure(name: Name, binary: string, sys: string): Promise<Run> {
  const { server, url, published } = await startServer();
  const speed = { version: 1, model: "", speed: 1 };
  writeFileSync(join(scratch, "core-speed.json"), JSON.stringify(speed));
  const child = spawn(
    binary,
    [
      "--node-name=n",
      `--server=${url}`,
      `--token-file=${join(scratch, "token")}`,
      `--certificate-authority=${join(scratch, "ca.crt")}`,
      "--interval=1s",
      `--sys=${sys}`,
      `--proc=${createProc()}`,
      ...programs[name].arguments(scratch),
    ],
    { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, GOMEMLIMIT: "28MiB" } },
  );
  try {
    while (published() < 5) await sleep(50);
    const [cpu, count] = [cpuSeconds(child), published()];
    while (published() < count + samples) await sleep(50);
    const used = cpuSeconds(child) - cpu;
    return { ...residentMiB(child), cpuMsPerSample: (1e3 * used) / (published() - count) };
  } finally {
    child.kill();
    await new Promise((resolve) => child.once("exit", resolve));
    server.close();
  }
}

/** Creates a folder like /proc whose processor has no model, which the stored speed is for. */
function createProc(): string {
  const folder = join(scratch, "proc");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const file of ["stat", "meminfo", "diskstats"]) symlinkSync(`/proc/${file}`, join(folder, file));
  writeFileSync(join(folder, "cpuinfo"), "\n");
  return folder;
}

async function main(): Promise<void> {
  const sys = createSys();
  const rows: (string | number)[][] = [];
  const median = (values: readonly number[], digits: number): string => {
    const { median: middle, min, max } = spread(values);
    return `${middle.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
  };
  for (const name of Object.keys(programs) as Name[]) {
    const binary = build(name);
    const results: Run[] = [];
    for (let run = 0; run < runs; run++) results.push(await measure(name, binary, sys));
    const cpu = results.map(({ cpuMsPerSample }) => cpuMsPerSample);
    rows.push([
      name,
      (statSync(binary).size / 2 ** 20).toFixed(1),
      median(
        results.map(({ resident }) => resident),
        1,
      ),
      median(
        results.map(({ anonymous }) => anonymous),
        1,
      ),
      median(cpu, 2),
      median(
        cpu.map((ms) => (ms / 1e3 / PRODUCTION_INTERVAL) * 100),
        3,
      ),
    ]);
  }
  const sizes = (["arm64", "arm"] as const).map((architecture) => [
    architecture === "arm" ? "arm, version 7" : architecture,
    (statSync(build("node agent", architecture)).size / 2 ** 20).toFixed(1),
  ]);
  const start = await startTimes(build("node agent"));
  await record(
    "Node agent",
    `npx tsx bench/node-agent.ts --samples ${samples} --runs ${runs}`,
    `Both programs take a sample of this machine every second and publish it over TLS, with the usage of ${PODS} pods. Medians of ${runs} runs of ${samples} samples, least and most in brackets. Memory is the most that was resident, and the anonymous part of it. The last column is the share of one core with a sample every ${PRODUCTION_INTERVAL} s. Other work ran on the machine.

${table(["program", "MiB on disk", "resident, MiB", "anonymous, MiB", "CPU per sample, ms", "share of a core, %"], rows)}

From the start of the process until it answers its health endpoint: ${median(start, 0)} ms.

${table(["platform", "MiB on disk"], sizes)}`,
  );
}

/** Returns the times in ms until the agent answers /livez. */
async function startTimes(binary: string): Promise<number[]> {
  const times: number[] = [];
  const address = "127.0.0.1:19781";
  for (let run = 0; run < 10; run++) {
    const started = performance.now();
    const flags = [
      "--node-name=n",
      "--server=https://127.0.0.1:1",
      `--state-dir=${scratch}`,
      `--proc=${join(scratch, "proc")}`,
    ];
    const child = spawn(binary, [...flags, `--health-probe-bind-address=${address}`], { stdio: "ignore" });
    while (
      !(await fetch(`http://${address}/livez`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await sleep(1);
    times.push(performance.now() - started);
    child.kill();
    await new Promise((resolve) => child.once("exit", resolve));
  }
  return times;
}

void main().finally(() => rmSync(scratch, { recursive: true, force: true }));
