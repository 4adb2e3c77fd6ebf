import { pipeline } from "node:stream/promises";

import type { Command } from "commander";
import pc from "picocolors";

import { LabClient } from "../../components/nodes/lab/client";
import { readStackFleet } from "../cluster/stack-fleet";
import { getLabStatus, startLab, stopLab } from "../lab/daemon";
import { ConsoleProgress } from "../progress";
import { LOCAL_STACK } from "../project";
import { labTools } from "../pulumi/environment";
import { formatColumns } from "../table";
import { resolveTools } from "../tools/resolve";

const MIB = 1024 * 1024;

async function start(): Promise<void> {
  const fleet = await readStackFleet(LOCAL_STACK).catch(() => undefined);
  const { pid } = await startLab(await resolveTools(labTools(fleet), new ConsoleProgress()));
  process.stdout.write(`  lab is running, pid ${pid}\n`);
}

async function printStatus(json: boolean): Promise<void> {
  const status = await getLabStatus();
  if (!status) {
    process.stdout.write(json ? "null\n" : "  lab is not running; start it with npx skerry lab start\n");
    process.exitCode = 1;
    return;
  }
  if (json) return void process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  const highlight = (healthy: boolean, text: string): string => (healthy ? text : pc.yellow(text));
  const clusters = status.clusters.map(({ name, endpoint, ready }) => [
    name,
    endpoint,
    highlight(ready, ready ? "ready" : "not ready"),
  ]);
  const servers = status.servers.map(({ name, state, pid, rssBytes, message }) => [
    name,
    highlight(state === "ready", state),
    pid === 0 ? "" : `pid ${pid}`,
    `${Math.round(rssBytes / MIB)} MiB`,
    message ?? "",
  ]);
  const groups = status.groups.map(({ name, machines }) => {
    const ready = machines.filter((machine) => machine.state === "ready").length;
    const first = machines.find(({ message }) => message);
    return [
      name,
      highlight(ready === machines.length, `${ready} of ${machines.length} machines ready`),
      first?.message ?? "",
    ];
  });
  const processes = status.processes.map(({ cluster, pod, pid, state, restarts }) => [
    cluster,
    pod,
    highlight(state === "running", state),
    `pid ${pid}`,
    `${restarts} restarts`,
  ]);
  const parts = [clusters, servers, groups, processes]
    .filter((rows) => rows.length > 0)
    .map((rows) => formatColumns(rows));
  const { pid, simulation } = status;
  const first = `  lab is running, pid ${pid}`;
  const simulated = simulation
    ? [pc.yellow(`  ${simulation.programs.join(", ")} are simulated: ${simulation.reason}`)]
    : [];
  process.stdout.write(`${[[first, ...simulated].join("\n"), ...parts].join("\n\n")}\n`);
}

async function printLogs(name: string | undefined, options: { tail: string; follow?: boolean }): Promise<void> {
  const stream = await new LabClient().logs(name, { tail: Number(options.tail), follow: options.follow });
  await pipeline(stream, process.stdout, { end: false });
}

/** `skerry lab start|status|logs|stop`: manages the lab. */
export function labVerb(program: Command): void {
  const lab = program.command("lab").description("manage the embedded lab, on which stack local runs");
  lab.command("start").description("start the lab in the background if it is not running").action(start);
  lab
    .command("status")
    .description("show control planes, machines and local processes")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExit code: 0 if the lab is running, else 1.")
    .action((options: { json?: boolean }) => printStatus(options.json ?? false));
  lab
    .command("logs [name]")
    .description("print the log of a server, of a local process or of the lab (`lab`), or list all logs")
    .option("--tail <lines>", "number of lines from the end of the log", "200")
    .option("-f, --follow", "keep printing new lines")
    .action(printLogs);
  lab
    .command("stop")
    .description("stop the lab and everything in it; its state is kept for the next start")
    .action(async () => void process.stdout.write((await stopLab()) ? "  lab stopped\n" : "  lab was not running\n"));
}
