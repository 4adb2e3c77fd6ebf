import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Whether a folder is the top of Skerry's own package. */
function isOurs(folder: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: string }).name === "skerry";
  } catch {
    return false;
  }
}

function above(folder: string): string {
  if (isOurs(folder)) return folder;
  if (dirname(folder) === folder) throw new Error(`no package.json of Skerry above ${__dirname}`);
  return above(dirname(folder));
}

/** The top of Skerry's own package: a checkout, or where it is installed. Compiled code lies one folder deeper in it. */
export const packageFolder = above(__dirname);
