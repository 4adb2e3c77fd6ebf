import { setTimeout as sleep } from "node:timers/promises";

import type { DeployedCluster } from "../../cli/pulumi/clusters";
import { LossWatch } from "../../cli/pulumi/loss-watch";

const urn = (name: string, type = "t"): string => `urn:pulumi:production::ports::${type}::${name}`;
const clusters = ["tokyo", "dallas"];
const resources = clusters.flatMap((name) => [
  { urn: urn(name, "skerry:clusters:Cluster"), type: "skerry:clusters:Cluster" },
  {
    urn: urn(`${name}-api`),
    type: "pulumi:providers:kubernetes",
    parent: urn(name, "skerry:clusters:Cluster"),
    inputs: { kubeconfig: name },
  },
]);

const PERIOD_MS = 5;

/** Starts a watch over clusters of which some are lost. */
function watch(lost: readonly string[], skipped: readonly string[] = []) {
  const interrupt = jest.fn(() => Promise.resolve());
  const skippedClusters = skipped.map((name) => ({ urn: urn(name, "skerry:clusters:Cluster") }) as DeployedCluster);
  const findLost = (probed: readonly DeployedCluster[]) =>
    Promise.resolve(
      probed.filter(({ name }) => lost.includes(name)).map((each) => ({ ...each, reason: "no response" })),
    );
  const watched = new LossWatch(resources, skippedClusters, interrupt, findLost, PERIOD_MS);
  const send = (event: object): void => watched.onEvent({ sequence: 0, timestamp: 0, ...event });
  const start = (name: string, parent: string, op = "create"): void =>
    send({
      resourcePreEvent: {
        metadata: {
          op,
          urn: urn(name),
          provider: "",
          new: { custom: true, parent: urn(parent, "skerry:clusters:Cluster") },
        },
      },
    });
  const end = (name: string): void => send({ resOutputsEvent: { metadata: { urn: urn(name) } } });
  return { interrupt, start, end, watched };
}

const someChecks = (): Promise<void> => sleep(10 * PERIOD_MS);

test("an update that only waits for a lost cluster is interrupted once", async () => {
  const { interrupt, start } = watch(["tokyo"]);
  start("a", "tokyo");
  await someChecks();
  expect(interrupt).toHaveBeenCalledTimes(1);
});

test("an update that also changes another cluster is interrupted only when that is done", async () => {
  const { interrupt, start, end } = watch(["tokyo"]);
  start("a", "tokyo");
  start("b", "dallas");
  await someChecks();
  expect(interrupt).not.toHaveBeenCalled();
  end("b");
  await someChecks();
  expect(interrupt).toHaveBeenCalledTimes(1);
});

test.each([
  ["waits for a reachable cluster", [], (start: (name: string, parent: string) => void) => start("a", "dallas")],
  ["waits for nothing", ["tokyo"], () => undefined],
  [
    "waits for a resource of no cluster",
    ["tokyo"],
    (start: (name: string, parent: string) => void) => start("a", "stack"),
  ],
])("an update that %s is not interrupted", async (_, lost, begin) => {
  const { interrupt, start, watched } = watch(lost);
  begin(start);
  await someChecks();
  watched.stop();
  expect(interrupt).not.toHaveBeenCalled();
});

test("unchanged resources are not waited for", async () => {
  const { interrupt, start, watched } = watch(["tokyo"]);
  start("a", "tokyo", "same");
  await someChecks();
  watched.stop();
  expect(interrupt).not.toHaveBeenCalled();
});
