import { spawn } from "node:child_process";
import { once } from "node:events";

import { endOrphans, OWNER, owner } from "../../cli/pulumi/orphans";

/** A process that looks like a provider of Pulumi, with its owner's mark. */
async function provider(mark: string, project: string) {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)", "dynamic-provider"], {
    env: { ...process.env, [OWNER]: mark, SKERRY_PULUMI_PROJECT: project },
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a provider whose owner was killed is ended, and no other", async () => {
  const gone = spawn(process.execPath, ["-e", ""]);
  const goneMark = owner(gone.pid);
  await once(gone, "exit");
  const orphan = await provider(goneMark, "/a/fleet");
  const others = [await provider(owner(), "/a/fleet"), await provider(goneMark, "/another/fleet")];
  try {
    const exit = once(orphan, "exit");
    expect(endOrphans("/a/fleet")).toBe(1);
    await exit;
    expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null]);
  } finally {
    [orphan, ...others].forEach((child) => child.kill("SIGKILL"));
  }
});
