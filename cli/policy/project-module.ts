import { projectRoot } from "../folders";

/** The first line of what went wrong in a module of the team. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

/** Finds something in the project; undefined outside of projects. */
export function findInProject<T>(find: (project: string) => T): T | undefined {
  try {
    return find(projectRoot());
  } catch {
    return undefined;
  }
}
