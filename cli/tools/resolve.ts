import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import type { Progress } from "../progress";
import { build } from "./build";
import { findCached } from "./cache";
import type { Tool } from "./catalogue";

const run = promisify(execFile);

/** A tool that can be run, and its origin. */
export interface Resolved {
  readonly tool: Tool;
  readonly path: string;
  readonly version: string;
  readonly origin: "PATH" | "cache" | "built";
  /** Duration of its build, in seconds. Absent for a tool from PATH. */
  readonly buildSeconds?: number;
}

/** Whether a folder on PATH contains Skerry's own wrappers of the same names. */
const hasWrappers = (folder: string): boolean =>
  folder.endsWith(join("node_modules", ".bin")) || folder === process.env.SKERRY_BIN;

async function findOnPath(tool: Tool): Promise<Resolved | undefined> {
  if (!tool.versionArgs || process.env.SKERRY_TOOLS === "build") return undefined;
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter((path) => path && !hasWrappers(path))) {
    const path = join(folder, tool.name);
    try {
      await access(path, constants.X_OK);
      const { stdout, stderr } = await run(path, [...tool.versionArgs], { timeout: 20_000 });
      const text = `${stdout}${stderr}`.trim();
      if (!tool.compatible?.(text)) continue;
      return { tool, path, version: /\d+\.\d+\.\d+/.exec(text)?.[0] ?? tool.version, origin: "PATH" };
    } catch {
      // The tool is missing or does not run. Try the next folder.
    }
  }
  return undefined;
}

/** Finds a tool without building it: a compatible version on PATH, or else in the user's cache. */
export async function findTool(tool: Tool, thorough = false): Promise<Resolved | undefined> {
  const installed = await findOnPath(tool);
  if (installed) return installed;
  const cached = await findCached(tool, thorough);
  return cached && { tool, path: cached.path, version: tool.version, origin: "cache", buildSeconds: cached.seconds };
}

/** Number of parallel builds. Linking and long dependency chains leave cores idle for another build. */
const BUILDERS = 2;

/**
 * Finds tools, and builds those that are neither on PATH nor in the cache.
 *
 * `SKERRY_TOOLS=build` ignores PATH, so that the pinned versions are used.
 */
export async function resolveTools(wanted: readonly Tool[], progress: Progress): Promise<Resolved[]> {
  const resolved = await Promise.all(wanted.map((tool) => findTool(tool)));
  const missing = wanted.filter((_, index) => !resolved[index]);
  const buildMissing = async (): Promise<void> => {
    for (let tool = missing.shift(); tool; tool = missing.shift()) {
      const { path, seconds } = await build(tool, progress);
      resolved[wanted.indexOf(tool)] = { tool, path, version: tool.version, origin: "built", buildSeconds: seconds };
    }
  };
  await Promise.all(Array.from({ length: BUILDERS }, buildMissing));
  return resolved as Resolved[];
}
