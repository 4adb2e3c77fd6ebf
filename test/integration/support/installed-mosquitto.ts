import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * The real broker and its clients. Where they cannot be had, `suite` skips, and standard error says why: Jest names
 * skipped suites only when asked to be verbose.
 *
 * @param file the test that needs them
 */
export function findMosquitto(file: string): {
  readonly programs: readonly string[];
  readonly suite: jest.Describe;
  /** Ends the name of the suite; empty when the broker is there. */
  readonly reason: string;
} {
  const ensure = join(__dirname, "..", "..", "..", "scripts", "ensure-mosquitto");
  const { status, stdout, stderr } = spawnSync(ensure, { encoding: "utf8", timeout: 300_000 });
  if (status === 0) return { programs: stdout.split("\n"), suite: describe, reason: "" };
  const reason = ` (skipped: ${stderr.trim().split("\n").at(-1)})`;
  process.stderr.write(`${file}${reason}\n`);
  return { programs: [], suite: describe.skip, reason };
}
