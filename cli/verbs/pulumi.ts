import { spawn } from "node:child_process";
import { constants } from "node:os";

import type { Command } from "commander";

import { projectRoot } from "../folders";
import { ConsoleProgress } from "../progress";
import { LOCAL_STACK } from "../project";
import { preparePulumiEnvironment, resolveEngine } from "../pulumi/environment";

/** Returns the stack that Pulumi's arguments name. Defaults to `local`. */
export function stackOf(args: readonly string[]): string {
  for (const [index, arg] of args.entries()) {
    if (arg === "-s" || arg === "--stack") return args[index + 1] ?? LOCAL_STACK;
    const joined = /^(?:--stack=|-s)(.+)$/.exec(arg);
    if (joined?.[1]) return joined[1];
  }
  return LOCAL_STACK;
}

/** `skerry pulumi -- …`: runs Pulumi with the tools and the backend of this project. `bin/pulumi` calls it. */
export function pulumiVerb(program: Command): void {
  program
    .command("pulumi [args...]")
    .description("run Pulumi with the tools of this project and, for stack local, its state (same as bin/pulumi)")
    .allowUnknownOption()
    .helpOption(false)
    .passThroughOptions()
    .action(async (args: string[]) => {
      const engine = await resolveEngine(new ConsoleProgress());
      const command = engine.find(({ tool }) => tool.name === "pulumi");
      if (!command) throw new Error("Pulumi not found");
      const child = spawn(command.path, args, {
        cwd: projectRoot(),
        stdio: "inherit",
        env: preparePulumiEnvironment(engine, stackOf(args)),
      });
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
      process.exitCode = await new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
      });
    });
}
