import { readFileSync } from "node:fs";
import { extname } from "node:path";

import { parsePath } from "../problem";
import type { TextPlace } from "./read-text";
import { readYaml } from "./read-yaml";
import { readModuleLines } from "./source-module";

/** Finds the position of a value in a file by its path, such as `workloads.dashboard.image`. */
export interface SourceLines {
  /**
   * Returns the position of the value at a path, or of its deepest parent that the file contains, or undefined.
   */
  place(path: string): TextPlace | undefined;
}

const NOWHERE: SourceLines = { place: () => undefined };

/**
 * Reads the positions of a fleet or a policy in YAML, JSON or a module. A module is parsed, not run: a computed value has
 * the position of its expression. Never throws: if the file cannot be read, or TypeScript is not installed, it finds no
 * positions.
 *
 * @param name the export to read, if the module has it; otherwise its default export
 */
export function sourceLines(file: string, name: string): SourceLines {
  let raw: Buffer;
  try {
    raw = readFileSync(file);
  } catch {
    return NOWHERE;
  }
  if (/^\.[cm]?[jt]s$/.test(extname(file))) return readModuleLines(file, raw.toString("utf8"), name) ?? NOWHERE;
  const [document] = readYaml(raw).documents;
  return document ? { place: (path) => document.place(parsePath(path)) } : NOWHERE;
}
