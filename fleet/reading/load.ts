import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";

import { loadExport } from "./load-module";
import type { Problem } from "../problem";
import { LARGEST_TEXT } from "./read-text";
import { readYaml } from "./read-yaml";

/** A file as read: its value, or every problem that kept it from being read. */
export type Loaded =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly Problem[] };

const failed = (message: string): Loaded => ({ ok: false, problems: [{ path: "", message }] });

/**
 * Reads a fleet, not yet checked, from a typed module (.ts, .js: default export, or the export `fleet`), or from YAML or
 * JSON. Never throws for what is in the file.
 */
export async function loadFleet(file: string): Promise<Loaded> {
  const kind = extname(file).toLowerCase();
  try {
    const { size } = await stat(file);
    if (size > LARGEST_TEXT) return failed(`${file} must be at most ${LARGEST_TEXT} bytes, got ${size}`);
    if ([".ts", ".js", ".cjs"].includes(kind)) return loadModule(file);
    if ([".yaml", ".yml", ".json"].includes(kind)) return readText(await readFile(file));
    return failed(
      `${basename(file)}: extension must be one of: .ts, .js, .cjs, .yaml, .yml, .json; got ${kind || "none"}`,
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return failed(code === "ENOENT" ? `${file} does not exist` : `cannot read ${file}: ${message.split("\n")[0]}`);
  }
}

function loadModule(file: string): Loaded {
  const value = loadExport(file, "fleet");
  return value === undefined ? failed("must export a fleet, as the default export or as `fleet`") : { ok: true, value };
}

function readText(raw: Buffer): Loaded {
  const { documents, problems } = readYaml(raw);
  if (problems.length > 0) {
    return {
      ok: false,
      problems: problems.map(({ line, message }) => ({ path: line === undefined ? "" : `line ${line}`, message })),
    };
  }
  const [first, second] = documents;
  if (!first) return failed("must not be empty");
  return second
    ? { ok: false, problems: [{ path: `line ${second.place([]).line}`, message: "must have only one document" }] }
    : { ok: true, value: first.value };
}
