import { join } from "node:path";

import { AppsV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

import type { DriftReport } from "../../cli/drift/report";
import { Checkout } from "./checkout";
import { writeSmallFleet } from "./small-local-fleet";
import { CLUSTERS, loseClusters } from "./unreachable-cluster";

const checkout = new Checkout();
const small = { clusters: CLUSTERS, nodes: 2, workloads: ["dashboard"] };

jest.setTimeout(600_000);

beforeAll(async () => {
  writeSmallFleet(checkout, small);
  await checkout.succeed("bin/skerry", "up");
});
afterAll(async () => {
  await checkout.run("bin/skerry", "down", "--force");
  checkout.remove();
});

// `npx tsx test/e2e/unreachable-cluster.ts` runs more rounds with a different seed.
test("an up that loses a cluster updates the other, and the next up catches up", async () => {
  const seed = Number(process.env.SKERRY_SEED ?? 8);
  for await (const round of loseClusters(checkout, small, { rounds: 2, seed, seconds: 12 }))
    expect({ seed, ...round }).toEqual({ seed, ...round, problems: [] });
});

test("drift finds a deleted and a changed object, and exits with 2", async () => {
  const config = new KubeConfig();
  config.loadFromFile(join(checkout.home, "kubeconfig", "tokyo"));
  const apps = config.makeApiClient(AppsV1Api);
  const before = await checkout.run("bin/skerry", "drift");
  expect(before).toMatchObject({ code: 0, stdout: "  stack local: no drift\n" });
  await apps.patchNamespacedDeployment(
    { name: "dashboard", namespace: "telemetry", body: { spec: { replicas: 3 } } },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
  await apps.deleteNamespacedDeployment({ name: "round-0", namespace: "telemetry" });
  const { code, stdout } = await checkout.run("bin/skerry", "drift", "--format", "json");
  expect({ code, drifted: (JSON.parse(stdout) as DriftReport).drifted }).toEqual({
    code: 2,
    drifted: ["dashboard", "round-0"].map((name) => ({
      cluster: "tokyo",
      operation: name === "dashboard" ? "update" : "create",
      type: "kubernetes:apps/v1:Deployment",
      name: `tokyo-delivery:Deployment.apps/telemetry/${name}`,
      fields: name === "dashboard" ? ["spec.replicas"] : [],
    })),
  });
});
