import { createInterface } from "node:readline/promises";

/**
 * Asks a person to type a name before something is destroyed.
 *
 * @throws Error if the answer differs, or without a terminal
 */
export async function confirmByName(name: string): Promise<void> {
  if (!process.stdin.isTTY) throw new Error("nothing was changed: without a terminal, --yes must be set");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`  type ${name} to continue: `);
    if (answer.trim() !== name) throw new Error("nothing was changed");
  } finally {
    terminal.close();
  }
}
