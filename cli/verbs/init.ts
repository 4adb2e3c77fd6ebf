import { relative, resolve } from "node:path";

import type { Command } from "commander";
import pc from "picocolors";

import { type NewRepository, repositoryProblems, writeRepository } from "../init/repository";
import { withTarball } from "../init/tarball";
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

/** Writes the repository, with the package that it is built on. */
async function writeWithTarball(wanted: Omit<NewRepository, "skerry">): Promise<string[]> {
  const step = new ConsoleProgress().start("package", "packing Skerry");
  try {
    return await withTarball(async ({ spec, putInto }) => {
      const files = writeRepository({ ...wanted, skerry: spec });
      const tarball = await putInto(wanted.folder);
      step.done(tarball);
      return [...files, tarball];
    });
  } catch (error) {
    step.failed("nothing was written");
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
      const files =
        options.package === undefined
          ? await writeWithTarball(wanted)
          : writeRepository({ ...wanted, skerry: options.package });
      process.stdout.write(`${files.map((file) => `  ${file}`).join("\n")}\n${nextCommands(wanted.folder)}`);
    });
}
