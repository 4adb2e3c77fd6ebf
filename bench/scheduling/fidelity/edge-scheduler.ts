import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Agent, request } from "undici";
import { parse, stringify } from "yaml";

import type { LabCluster } from "../../lab-cluster";
import { PORT } from "../scheduler-metrics";
import type { Scenario } from "./scenario";

/** Name of the file of round trips. */
const LINKS = "links.json";
const START_TIMEOUT_MS = 30_000;

interface Config {
  leaderElection?: unknown;
  readonly profiles: readonly {
    readonly pluginConfig: readonly { readonly name: string; readonly args: { linksFile?: string } }[];
  }[];
}

/** Writes the configuration that the fleet renders, with the path of the links replaced. There is one scheduler at a time. */
function writeConfig({ state }: LabCluster, { rendering }: Scenario): string {
  const holder = rendering.objects.find(({ data }) => data !== undefined && Object.hasOwn(data as object, LINKS));
  writeFileSync(join(state, LINKS), (holder?.data as Readonly<Record<string, string>>)[LINKS]!);
  const config = parse(rendering.schedulerConfigurations[0]!) as Config;
  config.leaderElection = { leaderElect: false };
  for (const { args } of config.profiles.flatMap(({ pluginConfig }) => pluginConfig))
    if (args.linksFile) args.linksFile = join(state, LINKS);
  const file = join(state, "scheduler.yaml");
  writeFileSync(file, stringify(config));
  return file;
}

/** Runs the edge scheduler with a scenario's configuration while `use` runs. */
export async function withEdgeScheduler<T>(
  program: string,
  cluster: LabCluster,
  scenario: Scenario,
  use: () => Promise<T>,
): Promise<T> {
  const kubeconfig = join(cluster.state, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  const child = spawn(
    program,
    [`--config=${writeConfig(cluster, scenario)}`, `--secure-port=${PORT}`, "--bind-address=127.0.0.1"],
    { stdio: "ignore", env: { ...process.env, KUBECONFIG: kubeconfig } },
  );
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const stop = (): boolean => child.kill();
  process.once("exit", stop);
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const started = Date.now();
    for (;;) {
      const answer = await request(`https://127.0.0.1:${PORT}/readyz`, { dispatcher }).catch(() => undefined);
      await answer?.body.dump();
      if (answer?.statusCode === 200) break;
      if (child.exitCode !== null) throw new Error(`the edge scheduler exited with code ${child.exitCode}`);
      if (Date.now() - started > START_TIMEOUT_MS) throw new Error("the edge scheduler is not ready");
      await sleep(50);
    }
    return await use();
  } finally {
    stop();
    await ended;
    process.off("exit", stop);
    await dispatcher.close();
  }
}
