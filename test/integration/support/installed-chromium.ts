import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Names under which distributions install Chromium or Chrome. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds Chromium or Chrome on PATH. Without one, `suite` skips its tests and standard error gives the reason: Jest names skipped
 * suites only with --verbose.
 *
 * @param file the test that needs it
 */
export function findChromium(file: string): {
  readonly program: string;
  readonly suite: jest.Describe;
  /** Ends the name of the suite; empty if Chromium is installed. */
  readonly reason: string;
} {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const program = folders.flatMap((folder) => PROGRAMS.map((name) => join(folder, name))).find(isExecutable);
  if (program !== undefined) return { program, suite: describe, reason: "" };
  const reason = " (skipped: Chromium is not installed. On Debian or Ubuntu: sudo apt-get install chromium)";
  process.stderr.write(`${file}${reason}\n`);
  // make test needs Node.js, Go, make and git alone. The page's HTML is tested without a browser, too.
  return { program: "", suite: describe.skip, reason };
}
