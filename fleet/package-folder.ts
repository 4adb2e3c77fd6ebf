import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Package {
  readonly folder: string;
  readonly version: string;
}

/** Finds the nearest folder, upwards, with Skerry's package.json. */
function findPackage(folder: string): Package {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
    if (name === "skerry" && version) return { folder, version };
  } catch {
    // This folder has no readable package.json.
  }
  if (dirname(folder) === folder) throw new Error(`no package.json of Skerry above ${__dirname}`);
  return findPackage(dirname(folder));
}

/**
 * The folder and version of Skerry's package: a checkout, or an installation. Compiled code is one folder deeper than
 * source code.
 */
export const { folder: packageFolder, version: packageVersion } = findPackage(__dirname);
