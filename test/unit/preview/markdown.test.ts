import { MARKER, renderMarkdown } from "../../../preview/output/markdown";
import { renderTerminal } from "../../../preview/output/terminal";
import { describeVerdict, isBlocking } from "../../../preview/output/tally";
import type { Move, PreviewReport } from "../../../preview/report";
import { QUIET, TOKYO } from "./reports";

const workload = { cluster: "east", kind: "Deployment", namespace: "app", name: "web" };
const move: Move = {
  workload,
  from: { node: "tokyo-1", region: "tokyo" },
  to: { node: "osaka-1", region: "osaka" },
  reason: "NodeRemoved",
  why: "EdgeProximity: osaka as fallback",
  ties: ["osaka-2"],
};
const unfit = { workload, pods: 4, before: false, message: "0/3 nodes are available", groups: [], shortages: [] };

describe("the verdict", () => {
  it.each<[string, Partial<PreviewReport>, string, boolean]>([
    ["nothing", {}, "no change", false],
    ["a move", { moves: [move] }, "1 move", false],
    ["pods that won't fit", { unschedulable: [unfit], moves: [move] }, "4 pods won't fit · 1 move", true],
    ["pods that did not fit before", { unschedulable: [{ ...unfit, before: true }] }, "4 pods still won't fit", false],
    ["an error", { errors: ["east: no node has capacity"] }, "1 error in the simulation", true],
    ["something not modelled", { notModelled: ["east: HPA"] }, "no change (1 object not modelled)", false],
  ])("of %s", (_, part, verdict, blocking) => {
    expect(describeVerdict({ ...QUIET, ...part })).toBe(verdict);
    expect(isBlocking({ ...QUIET, ...part })).toBe(blocking);
  });
});

it("shows only regions in which something visible changes", () => {
  // The same sum in another order.
  const region = { ...TOKYO, requested: { ...TOKYO.requested, before: { cpu: 0.1 + 0.2, memory: 0.02 } } };
  expect(renderMarkdown({ ...QUIET, regions: [region] })).not.toContain("tokyo");
  const more = { ...region, pods: { before: 5, after: 6 } };
  expect(renderMarkdown({ ...QUIET, regions: [more] })).toContain("| east | tokyo | 3 | 5 → 6 |");
});

describe("the comment", () => {
  it("starts with its marker and the verdict", () => {
    const text = renderMarkdown({ ...QUIET, moves: [move] });
    expect(text.startsWith(`${MARKER}\n\n**1 move** (main → 1a2b3c, simulated, Kubernetes v1.36.3, seed 1)`)).toBe(
      true,
    );
    expect(text).toContain(
      "- app/web: tokyo-1 → osaka-1; or any of 1 other nodes with the same score. Its node is removed. EdgeProximity: osaka as fallback",
    );
  });

  it("escapes markup in names", () => {
    const hostile = { ...workload, name: "</details>@team|[x](http://example.com)" };
    const text = renderMarkdown({ ...QUIET, moves: [{ ...move, workload: hostile }] });
    expect(text).not.toContain("</details>@");
    expect(text).not.toMatch(/(?<!\\)\[x/);
    expect(text).not.toMatch(/@team/);
  });

  it("cuts details to fit, and never the verdict", () => {
    const moves = Array.from({ length: 20_000 }, () => ({ ...move, why: "because ".repeat(40) }));
    const text = renderMarkdown({ ...QUIET, moves, unschedulable: [unfit] }, "https://example.com/report");
    expect(text.length).toBeLessThan(65_000);
    expect(text).toContain("**4 pods won't fit · 20000 move**");
    expect(text).toMatch(/… and \d+ more, in the full report/);
    expect(text).toContain("Full report: https://example.com/report");
  });
});

it("cuts regions too, and says so", () => {
  const regions = Array.from({ length: 1_000 }, (_, index) => ({
    ...TOKYO,
    cluster: `a-cluster-with-a-long-name-${index}`,
    region: `a-region-with-a-long-name-${index}`,
    nodes: { before: 1, after: 2 },
  }));
  const moves = Array.from({ length: 1_000 }, () => ({ ...move, why: "because ".repeat(40) }));
  const text = renderMarkdown({ ...QUIET, regions, moves }, "https://example.com/report");
  expect(text.length).toBeLessThan(65_000);
  expect(text).toMatch(/… and \d+ more regions, in the full report/);
  expect(text.trimEnd().endsWith("Full report: https://example.com/report")).toBe(true);
});

it.each([
  [
    "a drill that could not run",
    {
      drills: [
        {
          drill: "region=mars",
          clusters: [],
          displaced: [],
          workloads: [],
          volumes: [],
          links: [],
          violations: [],
          errors: ["no such"],
        },
      ],
    },
  ],
  ["a warning", { warnings: ["east: Deployment app/web: unknown field"] }],
  ["an error", { errors: ["east: no node has capacity"] }],
])("never says that nothing changes with %s", (_, part) => {
  expect(describeVerdict({ ...QUIET, ...part })).not.toBe("no change");
});

it("prints the same facts on a terminal, without colors in a pipe", () => {
  const text = renderTerminal({ ...QUIET, unschedulable: [unfit] });
  expect(text).toContain("4 pods won't fit (main → 1a2b3c");
  expect(text).toContain("app/web (4): 0/3 nodes are available");
  expect(text).not.toContain("\u001b[");
});
