import { Command } from "commander";
import pc from "picocolors";

import { packageVersion } from "../fleet/package-folder";
import { Busy } from "./run-lock";
import { completeVerb } from "./verbs/complete";
import { doctorVerb } from "./verbs/doctor";
import { downVerb } from "./verbs/down";
import { initVerb } from "./verbs/init";
import { kubeconfigVerb } from "./verbs/kubeconfig";
import { labVerb } from "./verbs/lab";
import { policyVerb } from "./verbs/policy";
import { pulumiVerb } from "./verbs/pulumi";
import { statusVerb } from "./verbs/status";
import { toolsVerb } from "./verbs/tools";
import { upVerb } from "./verbs/up";
import { validateVerb } from "./verbs/validate";

/** The `skerry` command. */
export async function buildProgram(): Promise<Command> {
  const program = new Command("skerry")
    .description("Fleets of K3s clusters at the edge: know before you merge where every pod will run.")
    .version(packageVersion)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError("(skerry --help lists what there is)");
  for (const verb of [
    initVerb,
    upVerb,
    downVerb,
    statusVerb,
    validateVerb,
    policyVerb,
    labVerb,
    kubeconfigVerb,
    doctorVerb,
    toolsVerb,
    pulumiVerb,
  ])
    verb(program);
  await completeVerb(program);
  return program;
}

async function main(): Promise<void> {
  try {
    await (await buildProgram()).parseAsync();
  } catch (error) {
    process.stderr.write(`${pc.red("error:")} ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.SKERRY_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = error instanceof Busy ? 3 : 1;
  }
}

void main();
