import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { cacheFolder, type Cached, keep, sha256 } from "./cache";
import type { Tool } from "./catalogue";

/**
 * Takes built tools from a folder of a release into the user's cache.
 *
 * @param folder holds the binaries and `SHA256SUMS`
 * @throws Error naming every tool that is missing or does not fit its sum; nothing is taken then
 */
export async function importTools(tools: readonly Tool[], folder: string): Promise<Cached[]> {
  const text = await readFile(join(folder, "SHA256SUMS"), "utf8");
  const sums = new Map(text.split("\n").map((line) => line.split(/\s+/).reverse().slice(-2) as [string, string]));
  const problems: string[] = [];
  for (const { name } of tools) {
    const wanted = sums.get(name);
    const got = await sha256(join(folder, name)).catch(() => undefined);
    if (!wanted) problems.push(`${name}: not in SHA256SUMS`);
    else if (!got) problems.push(`${name}: not in ${folder}`);
    else if (got !== wanted) problems.push(`${name}: SHA-256 is ${got}, stated is ${wanted}`);
  }
  if (problems.length > 0)
    throw new Error(`${folder} does not hold the tools of a release:\n  ${problems.join("\n  ")}`);
  const taken: Cached[] = [];
  for (const tool of tools) {
    const copy = join(cacheFolder(tool), `${tool.name}.part`);
    await mkdir(cacheFolder(tool), { recursive: true });
    await copyFile(join(folder, tool.name), copy);
    taken.push(await keep(tool, copy, 0));
  }
  return taken;
}
