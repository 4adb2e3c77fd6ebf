import { readFileSync } from "node:fs";
import { extname } from "node:path";

import { parsePath } from "../problem";
import type { TextPlace } from "./read-text";
import { readYaml } from "./read-yaml";
import { moduleLines } from "./source-module";

/** Finds where a file states what lies at a path: `workloads.dashboard.image`. */
export interface SourceLines {
  /**
   * The place of the path, or of the deepest part of it that is written down; undefined where nothing of it can be found.
   */
  place(path: string): TextPlace | undefined;
}

const NOWHERE: SourceLines = { place: () => undefined };

/**
 * The lines of a fleet or a policy, in YAML, JSON or a module. A module is read, not run: what it calculates stands where
 * the calculation does. Never throws; without a file, or without TypeScript to read a module with, no line is known.
 *
 * @param name the export that is meant; without it, the default
 */
export function sourceLines(file: string, name: string): SourceLines {
  let raw: Buffer;
  try {
    raw = readFileSync(file);
  } catch {
    return NOWHERE;
  }
  if (/^\.[cm]?[jt]s$/.test(extname(file))) return moduleLines(file, raw.toString("utf8"), name) ?? NOWHERE;
  const [document] = readYaml(raw).documents;
  return document ? { place: (path) => document.place(parsePath(path)) } : NOWHERE;
}
