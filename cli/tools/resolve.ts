import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import type { Progress } from "../progress";
import { build } from "./build";
import { findCached } from "./cache";
import { type Tool } from "./catalogue";

const run = promisify(execFile);

/** A tool that can be run, and where it came from. */
export interface Resolved {
  readonly tool: Tool;
  readonly path: string;
  readonly version: string;
  readonly origin: "PATH" | "cache" | "built";
  /** How long its build took, in seconds; absent for a tool from PATH. */
  readonly buildSeconds?: number;
}

/** Folders of ours that may be on PATH already (`bin/` has wrappers of the same names): not a find. */
const ours = (folder: string): boolean =>
  folder.endsWith(join("node_modules", ".bin")) || folder === process.env.SKERRY_BIN;

async function onPath(tool: Tool): Promise<Resolved | undefined> {
  if (!tool.versionArgs || process.env.SKERRY_TOOLS === "build") return undefined;
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter((each) => each && !ours(each))) {
    const path = join(folder, tool.name);
    try {
      await access(path, constants.X_OK);
      const { stdout, stderr } = await run(path, [...tool.versionArgs], { timeout: 20_000 });
      const text = `${stdout}${stderr}`.trim();
      if (!tool.compatible?.(text)) continue;
      return { tool, path, version: /\d+\.\d+\.\d+/.exec(text)?.[0] ?? tool.version, origin: "PATH" };
    } catch {
      // Not there, or it does not run: the next folder may have one that does.
    }
  }
  return undefined;
}

/** Finds a tool without building it: a compatible one on PATH, then the user's cache. */
export async function find(tool: Tool, thorough = false): Promise<Resolved | undefined> {
  const installed = await onPath(tool);
  if (installed) return installed;
  const cached = await findCached(tool, thorough);
  return cached && { tool, path: cached.path, version: tool.version, origin: "cache", buildSeconds: cached.seconds };
}

/** How many builds go on side by side: a link or a long chain of packages leaves a core idle for another. */
const BUILDERS = 2;

/**
 * Finds every tool, building what is on neither PATH nor in the cache.
 *
 * `SKERRY_TOOLS=build` ignores PATH, so that the pinned versions are used everywhere.
 */
export async function resolveTools(wanted: readonly Tool[], progress: Progress): Promise<Resolved[]> {
  const resolved = await Promise.all(wanted.map((tool) => find(tool)));
  const missing = wanted.filter((_, index) => !resolved[index]);
  const take = async (): Promise<void> => {
    for (let tool = missing.shift(); tool; tool = missing.shift()) {
      const { path, seconds } = await build(tool, progress);
      resolved[wanted.indexOf(tool)] = { tool, path, version: tool.version, origin: "built", buildSeconds: seconds };
    }
  };
  await Promise.all(Array.from({ length: BUILDERS }, take));
  return resolved as Resolved[];
}
