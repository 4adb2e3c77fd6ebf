import { spawn } from "node:child_process";
import { constants } from "node:os";

import type { Command } from "commander";

import { projectRoot } from "../folders";
import { ConsoleProgress } from "../progress";
import { LOCAL_STACK } from "../project";
import { pulumiEnvironment, resolveEngine } from "../pulumi/environment";

/** The stack that the arguments name; without one, this project's commands mean `local`. */
export function stackOf(args: readonly string[]): string {
  for (const [index, arg] of args.entries()) {
    if (arg === "-s" || arg === "--stack") return args[index + 1] ?? LOCAL_STACK;
    const joined = /^(?:--stack=|-s)(.+)$/.exec(arg);
    if (joined?.[1]) return joined[1];
  }
  return LOCAL_STACK;
}

/** `skerry pulumi -- …`, which `bin/pulumi` calls: the engine with this project's tools and backend. */
export function pulumiVerb(program: Command): void {
  program
    .command("pulumi [args...]")
    .description("run Pulumi with this project's tools and, for stack local, its state (same as bin/pulumi)")
    .allowUnknownOption()
    .helpOption(false)
    .passThroughOptions()
    .action(async (args: string[]) => {
      const engine = await resolveEngine(new ConsoleProgress());
      const command = engine.find(({ tool }) => tool.name === "pulumi");
      if (!command) throw new Error("the Pulumi engine was not found");
      const child = spawn(command.path, args, {
        cwd: projectRoot(),
        stdio: "inherit",
        env: pulumiEnvironment(engine, stackOf(args)),
      });
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
      process.exitCode = await new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
      });
    });
}
