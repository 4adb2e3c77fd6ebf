import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Package {
  readonly folder: string;
  readonly version: string;
}

/** The first folder upwards that holds Skerry's own package. */
function ours(folder: string): Package {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
    if (name === "skerry" && version) return { folder, version };
  } catch {
    // No package's folder.
  }
  if (dirname(folder) === folder) throw new Error(`no package.json of Skerry above ${__dirname}`);
  return ours(dirname(folder));
}

/**
 * Skerry's own package: its folder is the top of a checkout, or where it is installed. Compiled code lies one folder
 * deeper in it than sources do.
 */
export const { folder: packageFolder, version: packageVersion } = ours(__dirname);
