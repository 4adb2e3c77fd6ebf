import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { terminateOrphans, OWNER, ownerMark } from "../../cli/pulumi/orphans";

/** Starts a process that looks like a Pulumi provider with the mark of an owner. */
async function startProvider(mark: string, project: string) {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)", "dynamic-provider"], {
    env: { ...process.env, [OWNER]: mark, SKERRY_PULUMI_PROJECT: project },
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  return child;
}

test("terminates only the providers whose owner has exited", async () => {
  const exited = spawn(process.execPath, ["-e", ""]);
  const exitedMark = ownerMark(exited.pid);
  await once(exited, "exit");
  const orphan = await startProvider(exitedMark, "/a/fleet");
  const others = [await startProvider(ownerMark(), "/a/fleet"), await startProvider(exitedMark, "/another/fleet")];
  try {
    const exit = once(orphan, "exit");
    expect(await terminateOrphans("/a/fleet")).toBe(1);
    await exit;
    expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null]);
  } finally {
    [orphan, ...others].forEach((child) => child.kill("SIGKILL"));
  }
});

test.each([
  // Without a trap, bash goes on after a signal that arrives while its child runs.
  ["is cancelled", "trap 'trap - INT; kill -INT $$' INT; echo up; while :; do sleep 0.1; done", "SIGINT"],
  ["is killed if it does not react", "trap '' INT; echo up; while :; do sleep 0.1; done", "SIGKILL"],
])(
  "an engine whose command was killed %s, so that it does not hold the lock of its stack",
  async (_name, script, signal) => {
    const exited = spawn(process.execPath, ["-e", ""]);
    const mark = ownerMark(exited.pid);
    await once(exited, "exit");
    const folder = mkdtempSync(join(tmpdir(), "skerry-engine-"));
    symlinkSync("/bin/bash", join(folder, "pulumi"));
    const engine = spawn(join(folder, "pulumi"), ["-c", script], {
      env: { ...process.env, [OWNER]: mark, SKERRY_PULUMI_PROJECT: folder },
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      await once(engine.stdout, "data");
      const exit = once(engine, "exit");
      expect(await terminateOrphans(folder, 500)).toBeGreaterThanOrEqual(1);
      expect(await exit).toEqual([null, signal]);
    } finally {
      engine.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
