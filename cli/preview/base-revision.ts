import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";

import { type RenderedProject, readRendering } from "./render-project";

const run = promisify(execFile);

const git = async (folder: string, ...args: string[]): Promise<string> =>
  (await run("git", args, { cwd: folder, maxBuffer: 1 << 26 })).stdout.trim();

/** The last lines of what a failed command printed. */
function describeFailure(error: unknown): string {
  const { stderr = "", message = String(error) } = error as { stderr?: string; message?: string };
  return (stderr.trim() || message).split("\n").slice(-20).join("\n  ");
}

/**
 * Finds the commit of a revision.
 *
 * @throws Error if the project is not in a git repository, or the repository has no such revision
 */
async function findCommit(project: string, revision: string): Promise<string> {
  try {
    return await git(project, "rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`);
  } catch (error) {
    throw new Error(
      `--base: ${JSON.stringify(revision)} is not a revision of the repository at ${project}: ${describeFailure(error)}\n` +
        "  It must be a branch, tag or commit that is here: see git branch --all. In CI, check out with full history (fetch-depth: 0).",
    );
  }
}

/** `working tree`, and whether it has changes that no commit has, if it is in a git repository. */
export async function describeWorkingTree(project: string): Promise<string> {
  const changes = await git(project, "status", "--porcelain", "--", ".").catch(() => "");
  return changes === "" ? "working tree" : "working tree with uncommitted changes";
}

/** Dependencies of the base: those of the head where the lock file is the same, otherwise an installation of its own. */
async function installDependencies(project: string, base: string): Promise<void> {
  const lock = async (folder: string): Promise<string> => readFile(join(folder, "package-lock.json"), "utf8");
  const same = (await lock(project).catch(() => "")) === (await lock(base).catch(() => " "));
  if (same && existsSync(join(project, "node_modules")))
    await symlink(join(project, "node_modules"), join(base, "node_modules"));
  else await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: base, maxBuffer: 1 << 26 });
}

/**
 * Renders a revision of a project by that revision's own code, in a clean worktree that is removed afterwards. The
 * user's working tree is not touched.
 *
 * @throws Error if the revision does not exist or does not render, with what its code printed
 */
export async function renderRevision(
  project: string,
  revision: string,
  stack: string,
): Promise<RenderedProject & { readonly label: string }> {
  const commit = await findCommit(project, revision);
  const top = await git(project, "rev-parse", "--show-toplevel");
  const folder = await mkdtemp(join(tmpdir(), "skerry-base-"));
  const worktree = join(folder, "tree");
  try {
    await git(top, "worktree", "add", "--detach", "--quiet", worktree, commit);
    const base = join(worktree, relative(top, project));
    if (!existsSync(base)) throw new Error(`--base: ${revision} has no folder ${relative(top, project)}`);
    await installDependencies(project, base);
    const own = join(base, "bin", "skerry");
    const command = existsSync(own) ? own : join(base, "node_modules", ".bin", "skerry");
    try {
      await run(command, ["render", "--stack", stack, "--output", folder], { cwd: base, maxBuffer: 1 << 26 });
    } catch (error) {
      throw new Error(`--base: ${revision} (${commit.slice(0, 7)}) does not render:\n  ${describeFailure(error)}`);
    }
    return { ...(await readRendering(folder)), label: revision };
  } finally {
    await git(top, "worktree", "remove", "--force", worktree).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}
