import { relative, resolve } from "node:path";

import type { Command } from "commander";
import pc from "picocolors";

import { type NewRepository, checkRepository, writeRepository } from "../init/repository";
import { withTarball } from "../init/tarball";
import { ConsoleProgress } from "../progress";

interface Options {
  readonly name?: string;
  readonly force?: boolean;
  readonly package?: string;
}

/** Renders the commands to run next. */
function renderNextCommands(folder: string): string {
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

/** Writes the repository with a packed copy of Skerry. */
async function writeWithTarball(wanted: Omit<NewRepository, "skerry">): Promise<string[]> {
  const step = new ConsoleProgress().start("package", "packing Skerry");
  try {
    return await withTarball(async ({ spec, copyInto }) => {
      const files = writeRepository({ ...wanted, skerry: spec });
      const tarball = await copyInto(wanted.folder);
      step.done(tarball);
      return [...files, tarball];
    });
  } catch (error) {
    step.failed("failed, nothing was written");
    throw error;
  }
}

/** `skerry init [folder]`: writes a small fleet repository that is ready to run. */
export function initVerb(program: Command): void {
  program
    .command("init [folder]")
    .description("create a small fleet repository with a fleet, a program, a policy, a test and a CI workflow")
    .option("--name <name>", "name of the fleet, its package and its Pulumi project (default: name of the folder)")
    .option("--package <spec>", "npm version or tarball of Skerry (default: a copy of this installation in vendor/)")
    .option("--force", "write into a folder that is not empty, and overwrite files of the same names")
    .action(async (folder: string | undefined, options: Options) => {
      const wanted = { folder: resolve(folder ?? "."), name: options.name, force: options.force };
      const problems = checkRepository(wanted);
      if (problems.length > 0) throw new Error(problems.join("\n  "));
      const files =
        options.package === undefined
          ? await writeWithTarball(wanted)
          : writeRepository({ ...wanted, skerry: options.package });
      process.stdout.write(`${files.map((file) => `  ${file}`).join("\n")}\n${renderNextCommands(wanted.folder)}`);
    });
}
