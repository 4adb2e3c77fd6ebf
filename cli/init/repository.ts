import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

import { DNS_LABEL_RULE, isDnsLabel } from "../../fleet/reading/forms";
import { formatValue } from "../../fleet/problem";
import { packageFolder } from "../folders";

/** A repository to create. */
export interface NewRepository {
  /** Created if it does not exist. */
  readonly folder: string;
  /** Name of the fleet, its package and its Pulumi project. @default name of the folder */
  readonly name?: string;
  /** Write into a folder that is not empty, and overwrite files of the same names. @default false */
  readonly force?: boolean;
  /** npm version of Skerry, or the path or URL of a tarball. */
  readonly skerry: string;
}

const TEMPLATE = join(packageFolder, "templates", "repository");
/** Placeholder for the fleet's name in the templates. */
const NAME_PLACEHOLDER = "my-fleet";
/** npm does not pack `.gitignore`, so the template has no dot. */
const IGNORE = "gitignore";

function listTemplates(folder = TEMPLATE): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listTemplates(path) : [relative(TEMPLATE, path)];
  });
}

/** Files that an empty folder may contain. */
const IGNORED_FILES = new Set([".git", ".DS_Store"]);

/** Returns every reason why the repository cannot be created. Changes nothing. */
export function checkRepository({
  folder,
  name = basename(resolve(folder)),
  force,
}: Omit<NewRepository, "skerry">): string[] {
  const nameProblems = isDnsLabel(name)
    ? []
    : [`name: ${DNS_LABEL_RULE}, got ${formatValue(name)}; set one with --name`];
  return [...nameProblems, ...folderProblems(folder, force)];
}

function folderProblems(folder: string, force = false): string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) return [`folder: ${folder} is a file, must be a new or empty folder`];
  const entries = readdirSync(folder).filter((entry) => !IGNORED_FILES.has(entry));
  if (force || entries.length === 0) return [];
  const [first, ...more] = entries.sort();
  const what = more.length === 0 ? `1 entry (${first})` : `${entries.length} entries (${first}, …)`;
  return [`folder: ${folder} contains ${what}, must be empty; use --force to write into it`];
}

/**
 * Writes a small fleet repository: a fleet, a program, a policy, a test and a CI workflow.
 *
 * @returns the written files, relative to the folder
 * @throws Error with every problem, before anything is written
 */
export function writeRepository(wanted: NewRepository): string[] {
  const problems = checkRepository(wanted);
  if (problems.length > 0) throw new Error(problems.join("\n  "));
  const { folder, name = basename(resolve(folder)), skerry } = wanted;
  return listTemplates().map((template) => {
    const file = template === IGNORE ? `.${IGNORE}` : template;
    const text = readFileSync(join(TEMPLATE, template), "utf8").replaceAll(NAME_PLACEHOLDER, name);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), template === "package.json" ? withSkerry(text, skerry) : text);
    return file;
  });
}

function withSkerry(text: string, skerry: string): string {
  const manifest = JSON.parse(text) as { dependencies: Record<string, string> };
  return `${JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, skerry } }, null, 2)}\n`;
}
