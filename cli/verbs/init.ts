import { relative, resolve } from "node:path";

import type { Command } from "commander";
import pc from "picocolors";

import { repositoryProblems, writeRepository } from "../init/repository";
import { packInto } from "../init/tarball";
import { ConsoleProgress } from "../progress";

interface Options {
  readonly name?: string;
  readonly force?: boolean;
  readonly package?: string;
}

/** What to do next, once the files are there. */
function nextCommands(folder: string): string {
  const to = relative(process.cwd(), folder);
  const commands = [
    ...(to === "" ? [] : [`cd ${to}`]),
    "npm install",
    "npm test",
    "npx skerry policy",
    "npx skerry up",
  ];
  return `  next: ${pc.bold(commands.join(" && "))}\n`;
}

async function skerryFor(folder: string): Promise<string> {
  const step = new ConsoleProgress().start("package", "packing Skerry");
  try {
    const tarball = await packInto(folder);
    step.done(tarball);
    return tarball;
  } catch (error) {
    step.failed("not packed");
    throw error;
  }
}

/** `skerry init [folder]`: a small fleet repository that works at once. */
export function initVerb(program: Command): void {
  program
    .command("init [folder]")
    .description("write a small fleet repository: a fleet, the program, a policy, a test, and a file for CI")
    .option("--name <name>", "name of the fleet, its package and its Pulumi project (default: the folder's)")
    .option("--package <spec>", "what npm installs Skerry from: a version or a tarball (default: this one, in vendor/)")
    .option("--force", "write into a folder that holds something already; files of the same names are replaced")
    .action(async (folder: string | undefined, options: Options) => {
      const wanted = { folder: resolve(folder ?? "."), name: options.name, force: options.force };
      const problems = repositoryProblems(wanted);
      if (problems.length > 0) throw new Error(problems.join("\n  "));
      const skerry = options.package ?? (await skerryFor(wanted.folder));
      // By now, the folder may hold the package.
      const files = writeRepository({ ...wanted, skerry, force: true });
      process.stdout.write(`${files.map((file) => `  ${file}`).join("\n")}\n${nextCommands(wanted.folder)}`);
    });
}
