import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";

import { loadExport } from "./load-module";
import type { Problem } from "../problem";
import { LARGEST_TEXT } from "./read-text";
import { readYaml } from "./read-yaml";

/** The value of a file, or every problem that prevents reading it. */
export type LoadResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly Problem[] };

const fail = (message: string): LoadResult => ({ ok: false, problems: [{ path: "", message }] });

/**
 * Reads a fleet without checking it: from a module (.ts, .js, .cjs; the export `fleet` or the default export), or from YAML
 * or JSON. Problems of the file are returned, not thrown.
 *
 * @param file path of the module, YAML or JSON file
 */
export async function loadFleet(file: string): Promise<LoadResult> {
  const kind = extname(file).toLowerCase();
  try {
    const { size } = await stat(file);
    if (size > LARGEST_TEXT) return fail(`${file} must be at most ${LARGEST_TEXT} bytes, got ${size}`);
    if ([".ts", ".js", ".cjs"].includes(kind)) return loadModule(file);
    if ([".yaml", ".yml", ".json"].includes(kind)) return parseText(await readFile(file));
    return fail(
      `${basename(file)}: extension must be one of: .ts, .js, .cjs, .yaml, .yml, .json; got ${kind || "none"}`,
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return fail(code === "ENOENT" ? `${file} does not exist` : `cannot read ${file}: ${message.split("\n")[0]}`);
  }
}

function loadModule(file: string): LoadResult {
  const value = loadExport(file, "fleet");
  return value === undefined ? fail("must export a fleet, as the default export or as `fleet`") : { ok: true, value };
}

function parseText(raw: Buffer): LoadResult {
  const { documents, problems } = readYaml(raw);
  if (problems.length > 0) {
    return {
      ok: false,
      problems: problems.map(({ line, message }) => ({ path: line === undefined ? "" : `line ${line}`, message })),
    };
  }
  const [first, second] = documents;
  if (!first) return fail("must not be empty");
  return second
    ? { ok: false, problems: [{ path: `line ${second.place([]).line}`, message: "must have only one document" }] }
    : { ok: true, value: first.value };
}
