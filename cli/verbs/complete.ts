import type { Command } from "commander";

/**
 * `skerry complete <shell>` prints a script that completes verbs and options; the shell then asks `skerry complete --`
 * what may follow. Registered last: it reads the verbs that are there.
 */
export async function completeVerb(program: Command): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  tab(program);
}
