import { pipeline } from "node:stream/promises";

import type { Command } from "commander";
import pc from "picocolors";

import { LabClient } from "../../components/nodes/lab/client";
import { labStatus, startLab, stopLab } from "../lab/daemon";
import { ConsoleProgress } from "../progress";
import { columns } from "../table";
import { tool } from "../tools/catalogue";
import { resolveTools } from "../tools/resolve";

const LAB_TOOLS = ["lab", "edge-scheduler", "node-controller"].map(tool);
const MIB = 1024 * 1024;

async function start(): Promise<void> {
  const { pid } = await startLab(await resolveTools(LAB_TOOLS, new ConsoleProgress()));
  process.stdout.write(`  lab running, pid ${pid}\n`);
}

async function show(json: boolean): Promise<void> {
  const status = await labStatus();
  if (!status) {
    process.stdout.write(json ? "null\n" : "  lab not running (npx skerry lab start)\n");
    process.exitCode = 1;
    return;
  }
  if (json) return void process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  const state = (good: boolean, text: string): string => (good ? text : pc.yellow(text));
  const clusters = status.clusters.map(({ name, endpoint, pid, rssBytes, ready }) => [
    name,
    endpoint,
    state(ready, ready ? "ready" : "not ready"),
    `pid ${pid}`,
    `${Math.round(rssBytes / MIB)} MiB`,
  ]);
  const groups = status.groups.map(({ name, machines }) => {
    const ready = machines.filter((machine) => machine.state === "ready").length;
    const first = machines.find(({ message }) => message);
    return [
      name,
      state(ready === machines.length, `${ready} of ${machines.length} machines ready`),
      first?.message ?? "",
    ];
  });
  const processes = status.processes.map(({ cluster, pod, pid, state: is, restarts }) => [
    cluster,
    pod,
    state(is === "running", is),
    `pid ${pid}`,
    `${restarts} restarts`,
  ]);
  const parts = [clusters, groups, processes].filter((rows) => rows.length > 0).map((rows) => columns(rows));
  process.stdout.write(`${[`  lab running, pid ${status.pid}`, ...parts].join("\n\n")}\n`);
}

async function logs(name: string | undefined, options: { tail: string; follow?: boolean }): Promise<void> {
  const stream = await new LabClient().logs(name, { tail: Number(options.tail), follow: options.follow });
  await pipeline(stream, process.stdout, { end: false });
}

/** `skerry lab start|status|logs|stop`. */
export function labVerb(program: Command): void {
  const lab = program.command("lab").description("the embedded cloud that stack local runs on");
  lab.command("start").description("start the lab in the background, unless it runs").action(start);
  lab
    .command("status")
    .description("control planes, machines and local processes (exit code 1 when the lab is not running)")
    .option("--json", "print the lab's own report as JSON")
    .action((options: { json?: boolean }) => show(options.json ?? false));
  lab
    .command("logs [name]")
    .description("print a log: of a cluster, of a local process, or `lab`; without a name, list them")
    .option("--tail <lines>", "how many of the last lines", "200")
    .option("-f, --follow", "go on with what comes")
    .action(logs);
  lab
    .command("stop")
    .description("stop the lab and all in it; its state stays, and `lab start` goes on from it")
    .action(async () => void process.stdout.write((await stopLab()) ? "  lab stopped\n" : "  lab was not running\n"));
}
