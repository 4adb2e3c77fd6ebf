import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { buildFit, type FitReport, type MixedWorkload } from "../../../preview/fit";
import { renderFit } from "../../../preview/output/fit";
import type { Fit, RejectedNodes, SimulationReport } from "../../../preview/simulator/protocol";
import { outcome, pod, simulation } from "./reports";

const file = join(__dirname, "..", "..", "..", "preview", "fit.schema.json");
const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof z.fromJSONSchema>[0]);

const OPTIONS = { width: 100, colors: false };
const WEB: MixedWorkload = { kind: "Deployment", namespace: "app", name: "web", perRound: 1 };
const API: MixedWorkload = { ...WEB, name: "api", perRound: 2 };

const FULL: RejectedNodes = {
  verdicts: [{ plugin: "NodeResourcesFit", reasons: ["Insufficient cpu"], remedies: ["request 50m less of cpu"] }],
  nodes: ["tokyo-1", "tokyo-2"],
};
const FILTERED: RejectedNodes = {
  verdicts: [{ plugin: "TaintToleration", reasons: ["node(s) had untolerated taint(s)"], remedies: ["tolerate it"] }],
  nodes: ["osaka-1"],
};

function answer(more: Partial<Fit>, cluster = "east"): SimulationReport {
  const { perRound: _perRound, ...bottleneck } = WEB;
  const fit: Fit = { workloads: [], rounds: 0, bottleneck, message: "0/3 nodes", rejected: [FILTERED, FULL], ...more };
  const state = outcome([pod("web-0", "tokyo-1"), pod("web-1")], { fits: [fit] });
  return { ...simulation(state, state), cluster };
}

const report = (more: Partial<Fit>, mix = [WEB], max = true): FitReport =>
  buildFit([{ report: answer(more) }], { mix, max });

describe("how many more pods fit", () => {
  it("is counted per cluster and in all, next to those that run and those that wait", () => {
    const fit = buildFit([{ report: answer({ rounds: 5 }) }, { report: answer({ rounds: 7 }, "west") }], {
      mix: [WEB],
      max: true,
    });
    expect(fit).toMatchObject({
      rounds: 12,
      clusters: [
        { cluster: "east", workloads: [{ running: 1, pending: 1, fits: 5 }] },
        { cluster: "west", workloads: [{ running: 1, pending: 1, fits: 7 }] },
      ],
    });
    const text = renderFit(fit, OPTIONS);
    expect(text).toContain("12 more pods of Deployment app/web fit\n");
    expect(text).toMatch(/total +│ +2 │ +2 │ +12 │ +14 /);
  });

  it("is limited by the resource of nodes that are only full, whatever others reject the pod for", () => {
    const text = renderFit(report({ rounds: 5 }), OPTIONS);
    expect(text).toContain("Bottleneck: cpu on 2 nodes");
    expect(text.indexOf("NodeResourcesFit")).toBeLessThan(text.indexOf("TaintToleration"));
  });

  it("is limited by filters if no node is only full", () => {
    expect(renderFit(report({ rejected: [FILTERED] }), OPTIONS)).toContain(
      "Bottleneck: TaintToleration rejects 1 node",
    );
    expect(renderFit(report({ rejected: [] }), OPTIONS)).toContain("Bottleneck: 0/3 nodes");
  });

  it("is a lower bound if the search stopped at its limit", () => {
    const text = renderFit(
      buildFit([{ report: answer({ rounds: 10_000, limited: true, bottleneck: undefined }) }], {
        mix: [WEB],
        max: true,
      }),
      OPTIONS,
    );
    expect(text).toContain("At least 10000 more pods");
    expect(text).toContain("≥ 10000");
  });

  it("of a mix is counted in rounds", () => {
    const fit = report({ rounds: 3, partial: [1, 1] }, [WEB, API]);
    expect(fit.clusters[0]!.workloads).toMatchObject([
      { fits: 3, partial: 1 },
      { fits: 6, partial: 1 },
    ]);
    expect(renderFit(fit, OPTIONS)).toContain("3 more rounds of 1 app/web + 2 app/api fit");
  });

  it("is compared with what was asked for", () => {
    const five = [{ ...WEB, perRound: 5 }];
    expect(renderFit(report({ rounds: 1, limited: true }, five, false), OPTIONS)).toContain(
      "5 more pods of Deployment app/web fit in east\n",
    );
    expect(renderFit(report({ partial: [3] }, five, false), OPTIONS)).toContain(
      "Of 5 more pods of Deployment app/web, 3 fit in east\n",
    );
    expect(renderFit(report({}, five, false), OPTIONS)).toContain("5 more pods of Deployment app/web do not fit\n");
  });

  it("fits into the terminal, with long names of workloads", () => {
    const mix = [WEB, { ...API, name: "a-service-with-a-name-that-is-long-enough-to-be-cut" }];
    const lines = renderFit(report({ rounds: 3 }, mix), { width: 70, colors: false }).split("\n");
    expect(lines.filter((line) => line.length > 70)).toEqual([]);
    expect(lines.join("")).toContain("app/web");
  });

  it("that cannot be counted is an error", () => {
    expect(() => report({ error: "DaemonSet app/web is not a Deployment" })).toThrow("is not a Deployment");
  });

  it("matches its schema", () => {
    const isValid = (value: unknown): boolean => schema.safeParse(JSON.parse(JSON.stringify(value))).success;
    expect(isValid(report({ rounds: 3 }))).toBe(true);
    expect(isValid({ ...report({}), version: 2 })).toBe(false);
    expect(isValid({ ...report({}), mix: undefined })).toBe(false);
  });
});

describe("added nodes", () => {
  const addedNodes = { cluster: "east", pool: "tokyo-added", region: "tokyo", device: "raspberry-pi-5", count: 1 };
  function withPool(more: Partial<Fit>): string {
    const after = answer(more);
    const nodes = [...after.after.nodes, { name: "tokyo-added-01", pool: "tokyo-added", ready: true, pods: 0 }];
    const changed = { ...after, after: { ...after.after, nodes } };
    const simulations = [
      { report: answer({ rounds: 5 }), withPool: changed },
      { report: answer({ rounds: 1 }, "west") },
    ];
    const fit = buildFit(simulations, { mix: [WEB], max: true, addedNodes });
    expect(fit).toMatchObject({ rounds: 6, roundsWithPool: more.rounds! + 1 });
    return renderFit(fit, OPTIONS);
  }

  it("help by the number of pods that then fit, and leave a bottleneck", () => {
    const text = withPool({ rounds: 9 });
    expect(text).toContain("cluster east: 4 more pods fit.\nThen the bottleneck is cpu on 2 nodes.");
    expect(text).toContain("9 (+4)");
  });

  it("can also cost pods", () => {
    expect(withPool({ rounds: 4 })).toContain("4 (-1)");
  });

  it("that do not help say why", () => {
    const text = withPool({ rounds: 5, rejected: [{ ...FILTERED, nodes: ["osaka-1", "tokyo-added-01"] }] });
    expect(text).toContain("no more pods");
    expect(text).toContain("     1  tokyo-added-01\n        TaintToleration");
  });
});
