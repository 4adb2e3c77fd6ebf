import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { promisify } from "node:util";

import { packageFolder } from "../folders";

/** Folder of a repository that holds the package it is built on. */
const VENDOR = "vendor";

/**
 * Packs this very Skerry into a repository, so that it can be installed wherever the repository is.
 *
 * @returns what a `package.json` names it by
 */
export async function packInto(folder: string): Promise<string> {
  await mkdir(join(folder, VENDOR), { recursive: true });
  // A checkout is compiled first; what is installed is compiled already.
  const compiled = packageFolder.split(sep).includes("node_modules");
  const options = ["--json", "--pack-destination", join(folder, VENDOR), ...(compiled ? ["--ignore-scripts"] : [])];
  const { stdout } = await promisify(execFile)("npm", ["pack", packageFolder, ...options], { maxBuffer: 1 << 26 });
  return `file:${VENDOR}/${packed(stdout)}`;
}

/** The tarball's name: npm prints what its scripts say before the JSON. */
function packed(output: string): string {
  const name = /"filename": "([^"]+)"/.exec(output)?.[1];
  if (!name) throw new Error(`npm pack named no tarball; it said:\n${output.slice(0, 500)}`);
  return name;
}
