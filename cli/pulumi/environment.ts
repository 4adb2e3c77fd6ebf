import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { EDGE_AGENT } from "../../charts/edge-data/edge-agent";
import { NODE_AGENT } from "../../charts/system/node-agent-names";
import { UPGRADE_CONTROLLER } from "../../charts/upgrades/names";
import { EDGE_INGEST } from "../../fleet/edge-data/agent-nodes";
import type { Fleet } from "../../fleet/model";
import { runsAnyNodeAgent } from "../../fleet/node-agents";
import { packageFolder, projectRoot, skerryHome } from "../folders";
import type { Progress } from "../progress";
import { LOCAL_STACK, policyFile } from "../project";
import { type Tool, tool, tools } from "../tools/catalogue";
import { type Resolved, resolveTools } from "../tools/resolve";
import { environmentOf } from "../stack-settings";
import { pruneHistory } from "./history";
import { OWNER, ownerMark } from "./orphans";
import { prepareScratch } from "./scratch";

/** Tools that every `pulumi` command needs. */
const ENGINE_TOOLS = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"].map(tool);

/** The lab, and the programs that it runs for every fleet. */
const LAB_TOOLS = ["lab", "edge-scheduler", "node-controller"].map(tool);

/**
 * Returns the tools of the lab.
 *
 * @param fleet the fleet of stack `local`, for whose programs the lab needs further ones
 */
export function labTools(fleet?: Pick<Fleet, "upgrades" | "clusters" | "nodeAgent">): Tool[] {
  const { upgrades, clusters = [], nodeAgent = false } = fleet ?? {};
  const pools = clusters.flatMap(({ nodePools }) => nodePools);
  const optional = [
    ...(upgrades ? [UPGRADE_CONTROLLER] : []),
    ...(runsAnyNodeAgent({ nodeAgent }, pools) ? [NODE_AGENT] : []),
    ...(clusters.some(({ edgeAgents }) => edgeAgents.length > 0) ? [EDGE_AGENT] : []),
    ...(clusters.some(({ edgeIngest }) => edgeIngest !== undefined) ? [EDGE_INGEST] : []),
  ];
  return [...LAB_TOOLS, ...optional.map(tool)];
}

/** Returns the tools of stack `local`, the slowest builds first. */
export function localTools(fleet?: Parameters<typeof labTools>[0]): Tool[] {
  const wanted = [...ENGINE_TOOLS, ...labTools(fleet)];
  return tools.filter((each) => wanted.includes(each));
}

/** Finds or builds the tools that Pulumi needs. */
export const resolveEngine = (progress: Progress): Promise<Resolved[]> => resolveTools(ENGINE_TOOLS, progress);

const stateFolder = join(skerryHome, "state");
const passphraseFile = join(skerryHome, "passphrase");

/** Creates the state folder and passphrase of stack `local` on first use. A user's backend takes precedence. */
function prepareLocalBackend(): void {
  if (process.env.PULUMI_BACKEND_URL) return;
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  pruneHistory(stateFolder);
  if (!existsSync(passphraseFile)) {
    removeSalt();
    // Renaming is atomic, so a killed process does not leave an incomplete passphrase.
    writeFileSync(`${passphraseFile}.part`, randomBytes(32).toString("base64url"), { mode: 0o600 });
    renameSync(`${passphraseFile}.part`, passphraseFile);
  }
}

/** The backend of stack `local` as environment variables. */
function localBackend(): NodeJS.ProcessEnv {
  if (process.env.PULUMI_BACKEND_URL) return {};
  return {
    // Pulumi writes the whole state after every step. Checksums and backups would double the work.
    PULUMI_BACKEND_URL: `file://${stateFolder}?metadata=skip`,
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    // The engine runs for minutes, so more memory is cheaper than frequent garbage collection.
    GOGC: process.env.GOGC ?? "400",
  };
}

/**
 * Removes the salt of an earlier passphrase, which would not match the new one. It remains if a user deletes
 * `.skerry/`.
 */
function removeSalt(): void {
  const config = join(projectRoot(), `Pulumi.${LOCAL_STACK}.yaml`);
  if (existsSync(config)) writeFileSync(config, readFileSync(config, "utf8").replace(/^encryptionsalt:.*\n?/m, ""));
}

/**
 * Says why stack `local` cannot be read from this project; undefined if it can. Changes nothing.
 *
 * @param project name of the Pulumi project
 */
export function findUnreadableState(project: string): string | undefined {
  if (process.env.PULUMI_BACKEND_URL) return undefined;
  if (!existsSync(join(stateFolder, ".pulumi", "stacks", project, `${LOCAL_STACK}.json`)))
    return `stack ${LOCAL_STACK} has no state in this project`;
  return existsSync(passphraseFile) ? undefined : `the passphrase of stack ${LOCAL_STACK} is missing`;
}

/** Returns the environment for Pulumi, and creates the backend of stack `local` if it does not exist. */
export function preparePulumiEnvironment(engine: readonly Resolved[], stack: string): Record<string, string> {
  if (stack === LOCAL_STACK) prepareLocalBackend();
  return pulumiEnvironment(engine, stack);
}

/** Returns the environment for Pulumi, with Skerry's tools first on PATH and, for stack `local`, its backend. */
export function pulumiEnvironment(engine: readonly Resolved[], stack: string): Record<string, string> {
  const own = engine.filter(({ origin }) => origin !== "PATH");
  const folders = [join(packageFolder, "toolchain", "plugins"), ...own.map(({ path }) => dirname(path))];
  const policy = policyFile(projectRoot());
  const pinnedEngine = own.some((resolved) => resolved.tool.name === "pulumi");
  return {
    ...process.env,
    PATH: [...folders, process.env.PATH].join(delimiter),
    TMPDIR: prepareScratch(),
    // A larger young generation saves a sixth of the CPU time of programs and policy packs.
    NODE_OPTIONS: `--max-semi-space-size=64 ${process.env.NODE_OPTIONS ?? ""}`.trim(),
    // Limits the total size of the engine's log files, in MB.
    PULUMI_LOG_ROTATION_MAX_TOTAL_MB: process.env.PULUMI_LOG_ROTATION_MAX_TOTAL_MB ?? "32",
    [OWNER]: ownerMark(),
    SKERRY_PULUMI_PROJECT: projectRoot(),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // A cluster that fails must not prevent the update of the others.
    PULUMI_CONTINUE_ON_ERROR: process.env.PULUMI_CONTINUE_ON_ERROR ?? "true",
    // Inputs of the policy pack.
    ...(policy && { SKERRY_POLICY: policy }),
    SKERRY_ENVIRONMENT: environmentOf(stack),
    // Skerry's own tools include all plugins, so Pulumi must not download any. A user's installation may.
    ...(pinnedEngine
      ? { PULUMI_HOME: join(skerryHome, "pulumi"), PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }
      : {}),
    ...(stack === LOCAL_STACK ? localBackend() : {}),
  };
}
