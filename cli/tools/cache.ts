import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { toolCache } from "../folders";
import type { Tool } from "./catalogue";
import { fingerprint } from "./fingerprint";

/** Record of a finished build, stored next to the binary. */
interface Receipt {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  /** Duration of the build, in seconds. */
  readonly seconds: number;
}

/** A built tool in the user's cache. */
export interface CachedTool {
  readonly path: string;
  readonly seconds: number;
}

export const cacheFolder = (tool: Tool): string => join(toolCache, fingerprint(tool));
export const cachedBinary = (tool: Tool): string => join(cacheFolder(tool), tool.name);
const receiptFile = (tool: Tool): string => join(cacheFolder(tool), `${tool.name}.receipt.json`);

/** Returns the SHA-256 digest of a file in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/**
 * Finds a tool in the cache. Returns undefined if it is missing, incomplete or damaged.
 *
 * Compares the size and modification time with the receipt, and the content if the time differs or `thorough` is set.
 */
export async function findCached(tool: Tool, thorough = false): Promise<CachedTool | undefined> {
  try {
    const path = cachedBinary(tool);
    const receipt = JSON.parse(await readFile(receiptFile(tool), "utf8")) as Receipt;
    const { size, mtimeMs } = await stat(path);
    if (size !== receipt.size) return undefined;
    if ((thorough || mtimeMs !== receipt.mtimeMs) && (await sha256(path)) !== receipt.sha256) return undefined;
    return { path, seconds: receipt.seconds };
  } catch {
    return undefined;
  }
}

/** Moves a finished build into the cache. The receipt is written last, so an interrupted build is never used. */
export async function addToCache(tool: Tool, built: string, seconds: number): Promise<CachedTool> {
  const path = cachedBinary(tool);
  await mkdir(cacheFolder(tool), { recursive: true });
  const digest = await sha256(built);
  await rename(built, path);
  const { size, mtimeMs } = await stat(path);
  const receipt: Receipt = { size, mtimeMs, sha256: digest, seconds };
  await writeFile(`${receiptFile(tool)}.new`, JSON.stringify(receipt));
  await rename(`${receiptFile(tool)}.new`, receiptFile(tool));
  return { path, seconds };
}
