import { relative } from "node:path";

import type { Problem } from "../../fleet/problem";

/** Returns a path relative to the current folder. */
export const relativePath = (file: string): string => relative(process.cwd(), file) || file;

/** Formats the problems of a file, one per line, each with the file and path. */
export const problemLines = (file: string, problems: readonly Problem[]): string[] =>
  problems.map(({ path, message }) => `${relativePath(file)}: ${path === "" ? "" : `${path}: `}${message}`);
