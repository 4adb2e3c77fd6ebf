import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node";

import type { StatusReport } from "../../cli/status/report";
import type { PreviewReport } from "../../preview/report";
import type { AgreementReport } from "../../preview/verification/agreement";
import type { Checkout } from "./checkout";
import { compareDrill } from "./drill";
import { eventually } from "./eventually";
import { stopSampling } from "./samples";

/** Longest time until the controllers have replaced the pods of nodes that are gone, in s: pods are collected after a minute. */
const SETTLED_WITHIN = 150;

/**
 * The workload whose pods may run in any region. The preview removes the nodes of all pools at once, while the update removes
 * one pool after the other, so a pod of it that leaves the first pool may find other nodes to be the least loaded.
 */
const ANYWHERE = "dashboard";

/** Pods with a node by region of every cluster, as `tokyo/osaka: 11`; those that may run in any region by cluster. */
function countByRegion(pods: StatusReport["pods"]): string[] {
  const counts = new Map<string, number>();
  for (const { cluster, name, node, region } of pods) {
    if (node === undefined) continue;
    const key = name.startsWith(`${ANYWHERE}-`) ? `${cluster}/${ANYWHERE}` : `${cluster}/${region ?? ""}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key}: ${count}`).sort();
}

/** What a preview and a live fleet say alike: pods by region, pods without a node by workload. */
interface Placements {
  readonly regions: readonly string[];
  readonly unschedulable: readonly string[];
}

function expectedPlacements({ regions, placements, unschedulable }: PreviewReport): Placements {
  const anywhere = placements.filter(({ workload }) => workload.name === ANYWHERE);
  const sum = (those: typeof anywhere): number => those.reduce((total, { pods: { after } }) => total + after, 0);
  const counts = [
    ...regions.map(({ cluster, region, pods: { after } }) => {
      const free = anywhere.filter((each) => each.workload.cluster === cluster && each.region === region);
      return [`${cluster}/${region}`, after - sum(free)] as const;
    }),
    ...[...new Set(anywhere.map(({ workload }) => workload.cluster))].map(
      (name) => [`${name}/${ANYWHERE}`, sum(anywhere.filter(({ workload }) => workload.cluster === name))] as const,
    ),
  ];
  return {
    regions: counts
      .filter(([, count]) => count > 0)
      .map(([key, count]) => `${key}: ${count}`)
      .sort(),
    unschedulable: unschedulable.map(
      ({ workload: { cluster, namespace, name } }) => `${cluster}: ${namespace}/${name}`,
    ),
  };
}

const livePlacements = ({ pods, unplaced }: StatusReport): Placements => ({
  regions: countByRegion(pods),
  // The pods of a broker, the only ones with a volume, have the name of its StatefulSet and an ordinal.
  unschedulable: unplaced.map(
    ({ cluster, namespace, name }) => `${cluster}: ${namespace}/${name.replace(/-\d+$/, "")}`,
  ),
});

/**
 * A live preview of a change that removes most nodes of one region says what `skerry up` then leads to: the node of every
 * pod that moves, and a broker without its volume, if its node is among those that go. `skerry verify` confirms it.
 *
 * @param up runs `skerry up`
 * @param read reads what `skerry status --json` reports
 * @param connect connects to cluster `tokyo`
 */
export function describePreview(
  checkout: Checkout,
  up: () => Promise<void>,
  read: () => Promise<StatusReport>,
  connect: () => KubeConfig,
): void {
  const file = join(checkout.folder, "stacks", "local.ts");
  const original = readFileSync(file, "utf8");
  const shrunk = original.replace(
    /^ {2}(gateways|raspberryPi4|raspberryPi5|jetson)\(region, (\d+)\),$/gm,
    (_, pool: string, count: string) => `  ${pool}(region, region === "osaka" ? 1 : ${count}),`,
  );

  const output = join(checkout.folder, "preview.json");
  let report: PreviewReport;
  let resumeSampling: () => Promise<void>;

  beforeAll(async () => {
    // A sample that arrives after the preview may make another node of a pool the best one.
    resumeSampling = await stopSampling(connect());
    expect(shrunk).not.toBe(original);
    const base = join(checkout.folder, "base");
    mkdirSync(base);
    const rendered = await checkout.run("bin/skerry", "render", "--output", base);
    if (rendered.code !== 0) throw new Error(`render ended with ${rendered.code}: ${rendered.stderr}`);
    writeFileSync(file, shrunk);
    const args = ["--base-dir", base, "--live", "--format", "json", "--output", output];
    const preview = await checkout.run("bin/skerry", "preview", ...args);
    if (preview.code === 1) throw new Error(`preview failed: ${preview.stderr}`);
    report = JSON.parse(readFileSync(output, "utf8")) as PreviewReport;
    expect(preview.code).toBe(report.unschedulable.length > 0 ? 2 : 0);
    // With pods that fit nowhere, it ends with 1 after the change.
    await checkout.run("bin/skerry", "up");
  });
  afterAll(async () => {
    writeFileSync(file, original);
    await resumeSampling();
    await up();
  });

  // Pulumi changes the count of some groups of agents in Osaka, and no other machine.
  test("the plan names only the agents that change", () => {
    const { plan } = report;
    if (!plan || "unknown" in plan) throw new Error(`no plan: ${plan?.unknown ?? "not asked for"}`);
    expect(plan.machines.length).toBeGreaterThan(0);
    for (const machines of plan.machines)
      expect(machines).toMatchObject({ operation: "update", role: "agents", name: expect.stringContaining("osaka") });
  });

  test("pods run where the preview said that they would", async () => {
    const expected = expectedPlacements(report);
    let live = await read();
    await eventually("pods are where the preview says", SETTLED_WITHIN, async () => {
      live = await read();
      return JSON.stringify(livePlacements(live)) === JSON.stringify(expected);
    }).catch(() => undefined);
    expect(livePlacements(live)).toEqual(expected);
  });

  test("skerry verify finds that the clusters kept what the preview promised", async () => {
    const verified = await checkout.run("bin/skerry", "verify", output, "--format", "json");
    if (verified.code === 1) throw new Error(`verify failed: ${verified.stderr}`);
    const agreement = JSON.parse(verified.stdout) as AgreementReport;
    // The two schedulers place the pods of the lost nodes at the same time, and which one is faster may change a node.
    const bound = agreement.disagreements.filter(({ workload }) => workload.name !== ANYWHERE);
    const unexplained = bound.filter(
      ({ level, causes }) => level !== "node" || causes.some(({ cause }) => cause !== "ConcurrentPlacement"),
    );
    expect(unexplained).toEqual([]);
    expect(agreement.unclaimed).toEqual([]);
    const elsewhere = agreement.disagreements.filter(({ level }) => level === "region").length;
    expect(verified.code).toBe(elsewhere === 0 ? 0 : 2);
    expect(agreement.regions + elsewhere).toBe(
      report.regions.reduce((sum, { pods: { after } }) => sum + after, agreement.unschedulable.expected),
    );
  });

  // Few nodes are left in the region, so that the control plane evicts their pods within a minute.
  test("the loss of a region does what a drill said that it would", () => compareDrill(checkout, connect()));
}
