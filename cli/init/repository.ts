import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

import { DNS_LABEL_RULE, isDnsLabel } from "../../fleet/reading/forms";
import { formatValue } from "../../fleet/problem";
import { packageFolder } from "../folders";

/** A repository that is to be made. */
export interface NewRepository {
  /** Made if it is not there. */
  readonly folder: string;
  /** Name of the fleet, its package and its Pulumi project. @default the folder's */
  readonly name?: string;
  /** Write although the folder holds something; files of the same names are replaced. @default false */
  readonly force?: boolean;
  /** What npm is to install Skerry from: a version, or a tarball's path in the repository or its address. */
  readonly skerry: string;
}

const TEMPLATE = join(packageFolder, "templates", "repository");
/** What the templates call the fleet. */
const NAME = "my-fleet";
/** npm packs no file of this name, so the template has it without its dot. */
const IGNORE = "gitignore";

function templates(folder = TEMPLATE): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? templates(path) : [relative(TEMPLATE, path)];
  });
}

/** Files that say nothing about whether a folder is in use. */
const UNSAID = new Set([".git", ".DS_Store"]);

/** Every reason why the repository cannot be made; none touches anything. */
export function repositoryProblems({
  folder,
  name = basename(resolve(folder)),
  force,
}: Omit<NewRepository, "skerry">): string[] {
  const nameProblems = isDnsLabel(name) ? [] : [`name: ${DNS_LABEL_RULE}, got ${formatValue(name)}: set --name`];
  return [...nameProblems, ...folderProblems(folder, force)];
}

function folderProblems(folder: string, force = false): string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) return [`folder: ${folder} is a file, allowed is an empty folder or a new one`];
  const held = readdirSync(folder).filter((each) => !UNSAID.has(each));
  if (force || held.length === 0) return [];
  const [first, ...more] = held.sort();
  const what = more.length === 0 ? `1 entry (${first})` : `${held.length} entries (${first}, …)`;
  return [`folder: ${folder} holds ${what}, allowed is an empty one: or state --force`];
}

/**
 * Writes a small fleet repository: a fleet, the program, a policy, a test, and what CI runs.
 *
 * @returns the files written, relative to the folder
 * @throws Error with every problem; nothing is written then
 */
export function writeRepository(wanted: NewRepository): string[] {
  const problems = repositoryProblems(wanted);
  if (problems.length > 0) throw new Error(problems.join("\n  "));
  const { folder, name = basename(resolve(folder)), skerry } = wanted;
  return templates().map((template) => {
    const file = template === IGNORE ? `.${IGNORE}` : template;
    const text = readFileSync(join(TEMPLATE, template), "utf8").replaceAll(NAME, name);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), template === "package.json" ? withSkerry(text, skerry) : text);
    return file;
  });
}

function withSkerry(text: string, skerry: string): string {
  const manifest = JSON.parse(text) as { dependencies: Record<string, string> };
  return `${JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, skerry } }, null, 2)}\n`;
}
