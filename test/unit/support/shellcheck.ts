import { execFileSync, spawnSync } from "node:child_process";

/** ShellCheck is a package of the operating system, which a machine with Node.js and Go alone does not have. */
export const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

/**
 * Checks a script for the shell that its first line names, or else for `sh`.
 *
 * @throws Error if ShellCheck finds a problem
 */
export function checkWithShellcheck(script: string): void {
  execFileSync("shellcheck", [...(script.startsWith("#!") ? [] : ["--shell=sh"]), "-"], { input: script });
}
