import { join, resolve } from "node:path";

import { projectFolder } from "../../project-folder";

/** Folder of all generated state: `.skerry/` at the top of the project, or the value of `SKERRY_HOME`. */
export const skerryHome = resolve(process.env.SKERRY_HOME ?? join(projectFolder ?? process.cwd(), ".skerry"));

/** State folder of the lab. */
export const labState = join(skerryHome, "lab");

/** Unix socket on which the lab listens. */
export const labSocket = join(labState, "lab.sock");
