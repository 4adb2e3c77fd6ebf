import { spawn } from "node:child_process";
import { once } from "node:events";

import { isRunning, startTime } from "../../cli/pulumi/processes";

/** Starts a shell that leaves its exited child uncollected, and returns the child's process ID. */
async function startZombie() {
  const parent = spawn("bash", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  const [text] = (await once(parent.stdout, "data")) as [Buffer];
  return { pid: Number(String(text).trim()), parent };
}

test("a process that has exited does not run, even if its parent has not collected it", async () => {
  const { pid, parent } = await startZombie();
  try {
    for (const deadline = Date.now() + 10_000; isRunning(pid) && Date.now() < deadline;)
      await new Promise((resolve) => setTimeout(resolve, 20));
    // The kernel still knows it.
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(isRunning(pid)).toBe(false);
    expect(startTime(pid)).toBeUndefined();
  } finally {
    parent.kill("SIGKILL");
  }
});

test("a running process has a start time; an unknown one has none", () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(startTime(process.pid)).toMatch(/^\d+$/);
  expect(isRunning(4_194_305)).toBe(false);
});
