import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { packageFolder } from "../fleet/package-folder";

/** What makes a folder a project. */
const MARK = "Pulumi.yaml";

/** The nearest folder with a `Pulumi.yaml`, from `folder` upwards; undefined where there is none. */
export function projectAbove(folder: string): string | undefined {
  const here = resolve(folder);
  if (existsSync(join(here, MARK))) return here;
  return dirname(here) === here ? undefined : projectAbove(dirname(here));
}

/**
 * The project that is worked on: the one around the working folder, else Skerry's own checkout. Pulumi runs programs and
 * dynamic providers in the program's folder, which lies in the project. Undefined where there is neither.
 */
export const projectFolder = projectAbove(process.cwd()) ?? projectAbove(packageFolder);
