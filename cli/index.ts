import { createRequire } from "node:module";

import { Command } from "commander";
import pc from "picocolors";

import { packageVersion } from "../fleet/package-folder";
import { isOutputClosed, tolerateClosedOutput } from "./closed-output";
import type { completeVerb } from "./verbs/complete";

/** Adds a subcommand to the program. */
type Verb = (program: Command) => void;

const load = createRequire(__filename);
const verb = (name: string) => (): Verb => (load(`./verbs/${name}`) as Readonly<Record<string, Verb>>)[`${name}Verb`]!;

/** Subcommands in the order of the help. Each has its own module, which is loaded only when needed to start faster. */
const VERBS: ReadonlyMap<string, () => Verb> = new Map(
  [
    "init",
    "adopt",
    "up",
    "down",
    "status",
    "cluster",
    "validate",
    "policy",
    "render",
    "preview",
    "map",
    "explain",
    "fit",
    "snapshot",
    "verify",
    "drift",
    "move",
    "lab",
    "kubeconfig",
    "doctor",
    "tools",
    "images",
    "chart",
    "pulumi",
  ].map((name) => [name, verb(name)] as const),
);

/**
 * Builds the `skerry` command.
 *
 * @param name the subcommand to load. If absent or unknown, all subcommands are loaded
 */
async function buildProgram(name?: string): Promise<Command> {
  const program = new Command("skerry")
    .description("Infrastructure as code for fleets of K3s clusters at the edge")
    .version(packageVersion)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError("(run skerry --help for usage)");
  const one = VERBS.get(name ?? "");
  for (const loaded of one ? [one] : VERBS.values()) loaded()(program);
  if (!one) await (load("./verbs/complete") as { completeVerb: typeof completeVerb }).completeVerb(program);
  return program;
}

async function main(): Promise<void> {
  tolerateClosedOutput();
  try {
    await (await buildProgram(process.argv[2])).parseAsync();
  } catch (error) {
    if (isOutputClosed()) return;
    process.stderr.write(`${pc.red("error:")} ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.SKERRY_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = (error as { readonly exitCode?: number }).exitCode ?? 1;
  }
}

void main();
