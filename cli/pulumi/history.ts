import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Number of updates to keep in the history of a stack. */
const KEPT_UPDATES = 5;

/**
 * Removes all but the latest updates from the history of each stack in a state folder. Pulumi stores a copy of the
 * whole state for every update and never deletes it.
 *
 * @param state state folder of a file backend
 */
export function pruneHistory(state: string, kept = KEPT_UPDATES): void {
  const history = join(state, ".pulumi", "history");
  if (!existsSync(history)) return;
  for (const project of readdirSync(history)) {
    for (const stack of readdirSync(join(history, project))) {
      const folder = join(history, project, stack);
      // Files are named `<stack>-<ns since 1970>.history.json` and `<stack>-<ns since 1970>.checkpoint.json`.
      const update = (file: string): string => file.replace(/\.(history|checkpoint)\..*$/, "");
      const files = readdirSync(folder);
      const older = new Set([...new Set(files.map(update))].sort().slice(0, -kept));
      for (const file of files.filter((name) => older.has(update(name)))) rmSync(join(folder, file), { force: true });
    }
  }
}
