import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { packageFolder, projectRoot, skerryHome } from "../folders";
import type { Progress } from "../progress";
import { LOCAL_STACK, policyFile } from "../project";
import { tool, tools } from "../tools/catalogue";
import { type Resolved, resolveTools } from "../tools/resolve";
import { pruneHistory } from "./history";
import { OWNER, owner } from "./orphans";
import { prepareScratch } from "./scratch";

/** Tools that any `pulumi` command needs; the ones that only the lab needs are not among them. */
const ENGINE_TOOLS = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"].map(tool);

/** Every tool that stack `local` needs. */
export const LOCAL_TOOLS = tools.filter(({ name }) => name !== "manifest-validator" && name !== "placement-simulator");

/** Finds or builds what Pulumi itself needs. */
export const resolveEngine = (progress: Progress): Promise<Resolved[]> => resolveTools(ENGINE_TOOLS, progress);

/** State backend and passphrase of stack `local`, both made on first use. A setting of the user's goes before. */
function localBackend(): NodeJS.ProcessEnv {
  if (process.env.PULUMI_BACKEND_URL) return {};
  const state = join(skerryHome, "state");
  const passphrase = join(skerryHome, "passphrase");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  pruneHistory(state);
  if (!existsSync(passphrase)) {
    forgetSalt();
    // Renamed when it is whole: a process that is killed in between leaves no empty passphrase.
    writeFileSync(`${passphrase}.part`, randomBytes(32).toString("base64url"), { mode: 0o600 });
    renameSync(`${passphrase}.part`, passphrase);
  }
  return {
    // The whole state is written after every step, atomically: checksums and backups of each would double the work.
    PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    // For some minutes of life, memory is cheaper than collecting it.
    GOGC: process.env.GOGC ?? "400",
  };
}

/** A salt that an earlier passphrase left (somebody removed the state folder) would make the new one a wrong one. */
function forgetSalt(): void {
  const config = join(projectRoot(), `Pulumi.${LOCAL_STACK}.yaml`);
  if (existsSync(config)) writeFileSync(config, readFileSync(config, "utf8").replace(/^encryptionsalt:.*\n?/m, ""));
}

/** The environment that Pulumi runs in: our tools first on PATH and, for stack `local`, its backend. */
export function pulumiEnvironment(engine: readonly Resolved[], stack: string): Record<string, string> {
  const own = engine.filter(({ origin }) => origin !== "PATH");
  const folders = [join(packageFolder, "toolchain", "plugins"), ...own.map(({ path }) => dirname(path))];
  const policy = policyFile(projectRoot());
  const pinnedEngine = own.some((each) => each.tool.name === "pulumi");
  return {
    ...process.env,
    PATH: [...folders, process.env.PATH].join(delimiter),
    TMPDIR: prepareScratch(),
    // Programs and policy packs make many objects that die young: room for them spares a sixth of the processor time.
    NODE_OPTIONS: `--max-semi-space-size=64 ${process.env.NODE_OPTIONS ?? ""}`.trim(),
    // The engine logs each run in full; this is what its log files may take altogether, in MB.
    PULUMI_LOG_ROTATION_MAX_TOTAL_MB: process.env.PULUMI_LOG_ROTATION_MAX_TOTAL_MB ?? "32",
    [OWNER]: owner(),
    SKERRY_PULUMI_PROJECT: projectRoot(),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // What the policy pack goes by.
    ...(policy && { SKERRY_POLICY: policy }),
    SKERRY_ENVIRONMENT: stack,
    // Tools built here are whole: nothing may be looked for on the network. A user's own install fetches its plugins.
    ...(pinnedEngine
      ? { PULUMI_HOME: join(skerryHome, "pulumi"), PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }
      : {}),
    ...(stack === LOCAL_STACK ? localBackend() : {}),
  };
}
