/**
 * What the tests of the boot program need: root on Linux, a Debian root folder with cloud-init, and moto. The last two are
 * built once, and kept in the cache of the tools.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { toolCache } from "../../cli/folders";
import { hasVenv, prepareVenv, venvFolder } from "../python/venv";

const RELEASE = "bookworm";
/** Packages of the machines. The first is what the tests are about; the others are what each image of a cloud has. */
const PACKAGES = ["cloud-init", "ca-certificates", "openssl", "iproute2", "kmod"];
/** Packages of this machine, which apt installs if it can. */
const HOST_PACKAGES = { mmdebstrap: "mmdebstrap", shellcheck: "shellcheck", ip: "iproute2" } as const;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** Root file system of the machines. It is never written to. */
export const debianRoot = join(toolCache, "boot-tests", `debian-${digest([RELEASE, ...PACKAGES].join())}`);
export const python = join(venvFolder, "bin/python");
export const ruff = join(venvFolder, "bin/ruff");

const has = (command: string): boolean => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
const succeeds = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0;

const missingCommands = (): string[] => Object.keys(HOST_PACKAGES).filter((command) => !has(command));

/** Returns why the tests cannot run here, or undefined if they can. */
export function missingRequirement(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  if (!succeeds("unshare", ["--net", "--mount", "--pid", "--fork", "true"]))
    return "needs the right to create namespaces";
  const commands = missingCommands();
  if (commands.length > 0) return `needs ${commands.join(", ")}, which apt could not install`;
  if (!existsSync(debianRoot)) return "needs a Debian root folder, which mmdebstrap could not create";
  if (!hasVenv()) return "needs the Python packages in test/python/requirements.txt, which pip could not install";
  return undefined;
}

/** Creates a folder, and keeps it only if every command succeeds. */
function build(folder: string, commands: (part: string) => readonly (readonly [string, ...string[]])[]): void {
  if (existsSync(folder)) return;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(join(folder, ".."), { recursive: true });
  for (const [command, ...args] of commands(part)) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
    if (status === 0) continue;
    console.error(`${command} failed: ${error?.message ?? stderr.trim().split("\n").at(-1)}`);
    return;
  }
  if (existsSync(part)) renameSync(part, folder);
}

/** Installs and builds what is missing, and returns why the tests cannot run if that fails. */
export function prepareRequirements(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return missingRequirement();
  const packages = missingCommands().map((command) => HOST_PACKAGES[command as keyof typeof HOST_PACKAGES]);
  if (packages.length > 0 && has("apt-get")) {
    console.log(`  installing ${packages.join(", ")}`);
    spawnSync("apt-get", ["update", "-qq"]);
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  }
  if (!existsSync(debianRoot))
    console.log("  creating a Debian root folder with cloud-init, which takes about two minutes");
  build(debianRoot, (part) => [
    ["mmdebstrap", "--quiet", "--variant=minbase", `--include=${PACKAGES.join(",")}`, RELEASE, part],
  ]);
  const venv = prepareVenv();
  return "reason" in venv ? venv.reason : missingRequirement();
}
