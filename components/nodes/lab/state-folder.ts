import { join, resolve } from "node:path";

import { projectFolder } from "../../project-folder";

/** Everything that a run leaves behind in a project: `.skerry/` at its top. `SKERRY_HOME` moves it. */
export const skerryHome = resolve(process.env.SKERRY_HOME ?? join(projectFolder ?? process.cwd(), ".skerry"));

/** The lab's one state folder. */
export const labState = join(skerryHome, "lab");

/** Where the lab listens. */
export const labSocket = join(labState, "lab.sock");
