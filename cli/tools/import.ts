import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { cacheFolder, type CachedTool, addToCache, sha256 } from "./cache";
import type { Tool } from "./catalogue";

/**
 * Imports built tools of a release into the user's cache.
 *
 * @param folder folder with the binaries and `SHA256SUMS`
 * @throws Error that names every missing or damaged tool, before anything is imported
 */
export async function importTools(tools: readonly Tool[], folder: string): Promise<CachedTool[]> {
  const text = await readFile(join(folder, "SHA256SUMS"), "utf8");
  const sums = new Map(text.split("\n").map((line) => line.split(/\s+/).reverse().slice(-2) as [string, string]));
  const problems: string[] = [];
  for (const { name } of tools) {
    const expected = sums.get(name);
    const got = await sha256(join(folder, name)).catch(() => undefined);
    if (!expected) problems.push(`${name}: not in SHA256SUMS`);
    else if (!got) problems.push(`${name}: not in ${folder}`);
    else if (got !== expected) problems.push(`${name}: got SHA-256 ${got}, must be ${expected}`);
  }
  if (problems.length > 0)
    throw new Error(`${folder} does not contain the tools of a release:\n  ${problems.join("\n  ")}`);
  const imported: CachedTool[] = [];
  for (const tool of tools) {
    const copy = join(cacheFolder(tool), `${tool.name}.part`);
    await mkdir(cacheFolder(tool), { recursive: true });
    await copyFile(join(folder, tool.name), copy);
    imported.push(await addToCache(tool, copy, 0));
  }
  return imported;
}
