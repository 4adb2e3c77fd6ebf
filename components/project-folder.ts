import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { packageFolder } from "../fleet/package-folder";

/** The file that marks the top of a project. */
const PROJECT_FILE = "Pulumi.yaml";

/** Finds the nearest folder with a `Pulumi.yaml`, starting at `folder` and going up. */
export function findProject(folder: string): string | undefined {
  const path = resolve(folder);
  if (existsSync(join(path, PROJECT_FILE))) return path;
  return dirname(path) === path ? undefined : findProject(dirname(path));
}

/**
 * The current project: the one that contains the working directory, or else Skerry's own checkout. Pulumi runs programs
 * and dynamic providers in the program's folder, which is in the project. Undefined if there is no project.
 */
export const projectFolder = findProject(process.cwd()) ?? findProject(packageFolder);
