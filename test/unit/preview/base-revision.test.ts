import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderRevision } from "../../../cli/preview/base-revision";

let repository: string;
const git = (...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
    cwd: repository,
    encoding: "utf8",
  });

/** Commits a `bin/skerry` that runs this shell script. */
function commitCommand(script: string): void {
  const file = join(repository, "bin", "skerry");
  mkdirSync(join(repository, "bin"), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  git("add", "-A");
  git("commit", "--quiet", "--message", "a revision");
}

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "skerry-preview-"));
  git("init", "--quiet");
  writeFileSync(join(repository, "package-lock.json"), "{}");
  writeFileSync(join(repository, ".gitignore"), "node_modules\n");
  mkdirSync(join(repository, "node_modules"));
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

const WRITE = `echo '{"rendering":{"version":1,"fleet":"FLEET","clusters":[],"regions":[],"links":[]},"policy":{"findings":[]}}' >"$5/rendering.json"`;

it("renders a revision by its own code and leaves no worktree behind", async () => {
  commitCommand(WRITE.replace("FLEET", "old"));
  git("tag", "old");
  commitCommand(WRITE.replace("FLEET", "new"));
  writeFileSync(join(repository, "bin", "skerry"), "not committed");
  const { rendering, label } = await renderRevision(repository, "old", "local");
  expect([rendering.fleet, label]).toEqual(["old", "old"]);
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(existsSync(join(repository, "node_modules"))).toBe(true);
});

it("rejects a revision that does not exist", async () => {
  commitCommand("true");
  await expect(renderRevision(repository, "nowhere", "local")).rejects.toThrow(
    /--base: "nowhere" is not a revision of the repository/,
  );
});

it("does not take an option for a revision", async () => {
  commitCommand("true");
  await expect(renderRevision(repository, "--all", "local")).rejects.toThrow(/is not a revision/);
});

it("says what a revision printed that does not render", async () => {
  commitCommand("echo 'error: 1 problem in fleet.ts' >&2; exit 1");
  await expect(renderRevision(repository, "HEAD", "local")).rejects.toThrow(
    /--base: HEAD \([0-9a-f]{7}\) does not render:\n {2}error: 1 problem in fleet\.ts/,
  );
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
});
