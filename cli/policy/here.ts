import { relative } from "node:path";

import type { Problem } from "../../fleet/problem";

/** A file as people name it in the folder that they are in. */
export const fromHere = (file: string): string => relative(process.cwd(), file) || file;

/** Problems of what a file states, a line each. */
export const inFile = (file: string, problems: readonly Problem[]): string[] =>
  problems.map(({ path, message }) => `${fromHere(file)}: ${path === "" ? "" : `${path}: `}${message}`);
