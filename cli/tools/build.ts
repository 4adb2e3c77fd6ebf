import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { lock } from "proper-lockfile";

import type { Progress } from "../progress";
import { cacheFolder, type CachedTool, findCached, addToCache } from "./cache";
import { moduleFolder, type Tool } from "./catalogue";
import { compilerFlags, goEnvironment } from "./go-flags";

const run = promisify(execFile);

/** Builds a tool from its pinned module. If another process is building it, waits and uses its result. */
export async function build(tool: Tool, progress: Progress): Promise<CachedTool> {
  const folder = cacheFolder(tool);
  await mkdir(folder, { recursive: true });
  const release = await lock(folder, {
    lockfilePath: join(folder, `${tool.name}.lock`),
    stale: 15_000,
    update: 5_000,
    retries: { forever: true, minTimeout: 1_000, maxTimeout: 1_000, factor: 1 },
    onCompromised: () => undefined,
  });
  try {
    return (await findCached(tool)) ?? (await compile(tool, folder, progress));
  } finally {
    await release();
  }
}

async function compile(tool: Tool, folder: string, progress: Progress): Promise<CachedTool> {
  const module = moduleFolder(tool.build);
  const started = Date.now();
  const step = progress.start(tool.name, "building");
  const target = join(folder, `${tool.name}.part`);
  try {
    if (tool.build.generate) await run("go", ["generate", "./..."], { cwd: module, env: goEnvironment });
    const dependencies = await run("go", ["list", "-deps", tool.build.package], {
      cwd: module,
      env: goEnvironment,
      maxBuffer: 1 << 26,
    });
    await goBuild(tool, module, target, dependencies.stdout.split("\n").length, (done, total) =>
      step.update(`building, ${done} of at most ${total} packages`),
    );
    await chmod(target, 0o755);
    const cached = await addToCache(tool, target, Math.round((Date.now() - started) / 1000));
    step.done("built");
    return cached;
  } catch (error) {
    await rm(target, { force: true });
    step.failed("build failed");
    throw error;
  }
}

function goBuild(
  tool: Tool,
  cwd: string,
  target: string,
  packages: number,
  report: (done: number, total: number) => void,
): Promise<void> {
  const { build: options } = tool;
  const args = [
    "build",
    "-v",
    ...compilerFlags(options),
    `-ldflags=${options.ldflags ?? ""}`,
    "-o",
    target,
    options.package,
  ];
  const child = spawn("go", args, { cwd, env: goEnvironment, stdio: ["ignore", "ignore", "pipe"] });
  const last: string[] = [];
  let compiled = 0;
  createInterface(child.stderr).on("line", (line) => {
    if (/^[\w./~-]+$/.test(line)) report((compiled += 1), packages);
    else if (last.push(line) > 40) last.shift();
  });
  return new Promise((resolve, reject) => {
    child.on("error", (error) =>
      reject(new Error(`cannot run go (${error.message}); install Go 1.26 or newer, see docs/install.md`)),
    );
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(
            new Error(`go build of ${tool.name} in ${tool.build.module} exited with ${code}:\n  ${last.join("\n  ")}`),
          ),
    );
  });
}
