import fc from "fast-check";

import { comparePlacements, countPlacements } from "../../../preview/placements";
import { findBlockedRollouts, findUnschedulable } from "../../../preview/unschedulable";
import { outcome, pod, simulation } from "./reports";

const web = { cluster: "east", kind: "Deployment", namespace: "app", name: "web" };

describe("comparing placements", () => {
  it("reports no move for a pod that is replaced on its node", () => {
    const report = simulation(outcome([pod("web-a", "tokyo-1")]), outcome([pod("web-b", "tokyo-1")]));
    expect(comparePlacements(report)).toEqual({ moves: [], created: [], removed: [] });
  });

  it("pairs pods within their region before it pairs them across regions", () => {
    const before = outcome([pod("a", "tokyo-1"), pod("b", "osaka-1")]);
    const after = outcome([pod("c", "tokyo-2"), pod("d", "tokyo-1")], {
      removed: [{ namespace: "app", name: "b", node: "osaka-1", reason: "NodeRemoved" }],
    });
    const { moves } = comparePlacements(simulation(before, after));
    expect(moves).toEqual([
      {
        workload: web,
        from: { node: "osaka-1", region: "osaka" },
        to: { node: "tokyo-2", region: "tokyo" },
        reason: "NodeRemoved",
        why: "",
        ties: [],
      },
    ]);
  });

  it("counts new and removed pods by region", () => {
    const before = outcome([pod("a", "tokyo-1"), pod("b", "tokyo-2"), pod("c", "osaka-1")]);
    const after = outcome([pod("a", "tokyo-1")]);
    expect(comparePlacements(simulation(before, after)).removed).toEqual([
      { workload: web, pods: 2, regions: { tokyo: 1, osaka: 1 } },
    ]);
    expect(comparePlacements(simulation(after, before)).created).toEqual([
      { workload: web, pods: 2, regions: { tokyo: 1, osaka: 1 } },
    ]);
  });

  it("ignores the next run of a CronJob", () => {
    const next = pod("job", "tokyo-1", { origin: "WouldRun" });
    expect(comparePlacements(simulation(outcome([]), outcome([next]))).created).toEqual([]);
  });

  it("accounts for every pod, whatever changes", () => {
    const nodes = fc.array(fc.constantFrom("tokyo-1", "tokyo-2", "osaka-1"), { maxLength: 12 });
    fc.assert(
      fc.property(nodes, nodes, (old, current) => {
        const pods = (list: readonly string[]) => outcome(list.map((node, index) => pod(`p${index}`, node)));
        const { moves, created, removed } = comparePlacements(simulation(pods(old), pods(current)));
        const sum = (items: readonly { readonly pods: number }[]): number =>
          items.reduce((total, each) => total + each.pods, 0);
        expect(old.length - sum(removed)).toBe(current.length - sum(created));
        expect(sum(removed) === 0 || sum(created) === 0).toBe(true);
        expect(moves.every(({ from, to }) => from.node !== to.node)).toBe(true);
      }),
    );
  });
});

it("counts the pods of each workload in each region of either state", () => {
  const before = outcome([pod("a", "tokyo-1"), pod("b", "tokyo-2"), pod("c")]);
  const after = outcome([pod("a", "tokyo-1"), pod("b", "osaka-1"), pod("c")]);
  expect(countPlacements(simulation(before, after))).toEqual([
    { workload: web, region: "osaka", pods: { before: 0, after: 1 } },
    { workload: web, region: "tokyo", pods: { before: 2, after: 1 } },
  ]);
});

describe("pods without a node", () => {
  it("are counted by workload, with the reasons by group of nodes", () => {
    const report = simulation(outcome([]), outcome([pod("a"), pod("b"), pod("c", "tokyo-1")]));
    expect(findUnschedulable(report)).toEqual([
      {
        workload: web,
        pods: 2,
        before: false,
        message: "0/3 nodes are available: 3 Insufficient memory.",
        groups: [{ nodes: 3, reasons: ["Insufficient memory"] }],
        shortages: [{ resource: "memory", requested: "2Gi", largestFree: "512Mi" }],
      },
    ]);
  });

  it("are marked if they had no node before either", () => {
    const state = outcome([pod("a")]);
    expect(findUnschedulable(simulation(state, state))).toMatchObject([{ pods: 1, before: true }]);
  });

  it("block a rollout that cannot finish", () => {
    const workload = { kind: "Deployment", namespace: "app", name: "web", desired: 3, available: 2, complete: false };
    const after = outcome([], { workloads: [{ ...workload, blocked: "no node takes web-3" }] });
    expect(findBlockedRollouts(simulation(outcome([]), after))).toEqual([
      { workload: web, available: 2, desired: 3, message: "no node takes web-3" },
    ]);
  });
});
