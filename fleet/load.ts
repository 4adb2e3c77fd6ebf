import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, extname, resolve } from "node:path";

import { isAlias, parseDocument, visit } from "yaml";

import type { Problem } from "./problem";

export type Loaded =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Largest file that is read, in bytes: ten thousand pools fit in a tenth of it. */
const LARGEST = 10 * 2 ** 20;
/** Most uses of YAML anchors: more is a file that grows when it is read. */
const MOST_ALIASES = 1000;

const failed = (message: string): Loaded => ({ ok: false, problems: [{ path: "", message }] });

/**
 * Reads a fleet, not yet checked, from a typed module (.ts, .js: default export, or the export `fleet`), or from YAML or
 * JSON. Never throws for what is in the file.
 */
export async function loadFleet(file: string): Promise<Loaded> {
  const kind = extname(file).toLowerCase();
  try {
    const { size } = await stat(file);
    if (size > LARGEST) return failed(`${file} has ${size} bytes, allowed are ${LARGEST}`);
    if ([".ts", ".js", ".cjs"].includes(kind)) return loadModule(file);
    if ([".yaml", ".yml", ".json"].includes(kind)) return readText(await readFile(file));
    return failed(`${basename(file)} ends in ${kind || "nothing"}, allowed are .ts, .js, .cjs, .yaml, .yml and .json`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return failed(code === "ENOENT" ? `${file} is not there` : `${file} cannot be read: ${message.split("\n")[0]}`);
  }
}

/** TypeScript is read by whatever runs this process: the command and the Pulumi program both run through tsx. */
function loadModule(file: string): Loaded {
  const module = createRequire(__filename)(resolve(file)) as Record<string, unknown>;
  const value = module.fleet ?? module.default;
  return value === undefined
    ? failed("the module exports no fleet: export it as default, or as `fleet`")
    : { ok: true, value };
}

function readText(raw: Buffer): Loaded {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return failed("is not UTF-8 text");
  }
  // JSON is YAML too, and this reader knows lines and finds doubled keys.
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ linePos, message }) => ({
      path: linePos ? `line ${linePos[0].line}` : "",
      message: message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ""),
    }));
    return { ok: false, problems };
  }
  let aliases = 0;
  visit(document, { Alias: (_key, node) => void (isAlias(node) && (aliases += 1)) });
  if (aliases > MOST_ALIASES) return failed(`uses anchors ${aliases} times, allowed are ${MOST_ALIASES}`);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return value === null || value === undefined ? failed("holds nothing") : { ok: true, value };
  } catch (error) {
    return failed(`cannot be read: ${(error as Error).message}`);
  }
}
