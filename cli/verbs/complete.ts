import type { Command } from "commander";

/**
 * `skerry complete <shell>`: prints a script that completes subcommands and options. The script calls
 * `skerry complete --` for candidates. Must be added last, because it reads the other subcommands.
 */
export async function completeVerb(program: Command): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  tab(program);
  program.commands.find((command) => command.name() === "complete")?.description("print a shell completion script");
}
