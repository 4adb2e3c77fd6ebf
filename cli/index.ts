import { createRequire } from "node:module";

import { Command } from "commander";
import pc from "picocolors";

import { packageVersion } from "../fleet/package-folder";
import { isOutputClosed, tolerateClosedOutput } from "./closed-output";
import type { completeVerb } from "./verbs/complete";

/** Adds a verb to the command. */
type Verb = (program: Command) => void;

const load = createRequire(__filename);
const verb = (name: string) => (): Verb => (load(`./verbs/${name}`) as Readonly<Record<string, Verb>>)[`${name}Verb`]!;

/** In the order of the help. Each in a module of its own, for what one of them needs is large. */
const VERBS: ReadonlyMap<string, () => Verb> = new Map(
  [
    "init",
    "up",
    "down",
    "status",
    "validate",
    "policy",
    "render",
    "preview",
    "map",
    "lab",
    "kubeconfig",
    "doctor",
    "tools",
    "pulumi",
  ].map((name) => [name, verb(name)] as const),
);

/**
 * The `skerry` command.
 *
 * @param asked the verb that is run; only it is loaded. Without it, or with another word, every verb
 */
export async function buildProgram(asked?: string): Promise<Command> {
  const program = new Command("skerry")
    .description("Fleets of K3s clusters at the edge: know before you merge where every pod will run.")
    .version(packageVersion)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError("(skerry --help lists what there is)");
  const one = VERBS.get(asked ?? "");
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
