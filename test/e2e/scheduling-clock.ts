import { rmSync, writeFileSync } from "node:fs";

import type { KubeConfig } from "@kubernetes/client-node";

import type { ClusterSpec } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import { eventually } from "./eventually";
import { ScheduledPods } from "./scheduled-pods";

const MINUTE = 60;

/** Tests the scheduler of one cluster when its clock steps. `offsetFile` contains the offset of the clock. */
export function describeSchedulingClock(connect: () => KubeConfig, cluster: ClusterSpec, offsetFile: string): void {
  const pods = new ScheduledPods(connect);
  const open = cluster.nodePools.filter(({ taints }) => taints.length === 0).flatMap(nodeNames);
  const node = open[0]!;

  /**
   * Returns the event message of a pod that is scheduled just after its node published high usage with the correct
   * time.
   */
  const messageFor = async (name: string): Promise<string> => {
    await pods.sample(node, 0, { cpuPercent: 50, memoryPercent: 50 });
    const says = { nodeSelector: { "kubernetes.io/hostname": node } };
    return pods.with(name, says, async () => (await pods.placed(name)).why);
  };

  afterEach(() => rmSync(offsetFile, { force: true }));

  test("the age of data follows the scheduler's clock, and is correct again when the clock is", async () => {
    // Until the sample reaches the scheduler, the message has the age of an older one.
    const says = (name: string, what: RegExp) =>
      eventually(`${name} is scheduled by ${what.source}`, 60, async () => what.test(await messageFor(name)));
    await says("clock-right", /data fresh/);
    writeFileSync(offsetFile, "40m");
    await says("clock-ahead", /data stale, 40m\d+s old/);
    writeFileSync(offsetFile, "-1h");
    await says("clock-behind", /by requests: no usage data/);
    rmSync(offsetFile);
    await says("clock-right-again", /data fresh/);
  });

  test("a clock that steps forward and back during a burst loses no pod and binds none twice", async () => {
    const run = "clock-steps";
    const names = Array.from({ length: 60 }, (_, index) => `${run}-${index}`);
    try {
      for (const [index, offset] of ["0s", "20m", "-1h", "10m", "0s", "-20m"].entries()) {
        writeFileSync(offsetFile, offset);
        const part = names.slice(10 * index, 10 * (index + 1));
        await Promise.all(part.map((name) => pods.create(name, { labels: { run } })));
      }
      await eventually(`${names.length} pods are bound`, MINUTE, async () => {
        const bound = [...(await pods.burst(run)).values()].filter((on) => on !== undefined);
        return bound.length === names.length;
      });
      expect([...(await pods.boundTimes(run)).values()].filter((times) => times !== 1)).toEqual([]);
    } finally {
      await pods.removeBurst(run);
    }
  });
}
