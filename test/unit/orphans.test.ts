import { spawn } from "node:child_process";
import { once } from "node:events";

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
    expect(terminateOrphans("/a/fleet")).toBe(1);
    await exit;
    expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null]);
  } finally {
    [orphan, ...others].forEach((child) => child.kill("SIGKILL"));
  }
});
