import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { buildExplanation, type ExplanationReport, hasNode, selectNode } from "../../../preview/explanation";
import { renderExplanation } from "../../../preview/output/explanation";
import type { WorkloadName } from "../../../preview/report";
import type { Explanation, NodeScore, RejectedNodes, SimulatedPod } from "../../../preview/simulator/protocol";
import { outcome, pod, simulation } from "./reports";

const file = join(__dirname, "..", "..", "..", "preview", "explanation.schema.json");
const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof z.fromJSONSchema>[0]);

const WEB: WorkloadName = { cluster: "east", kind: "Deployment", namespace: "app", name: "web" };
const OPTIONS = { width: 100, colors: false };

const score = (node: string, load: number, spread: number): NodeScore => ({
  node,
  total: load + spread,
  plugins: [
    { plugin: "LoadAware", score: load },
    { plugin: "PodTopologySpread", score: spread },
    { plugin: "ImageLocality", score: 0 },
  ],
});

const TAINTED: RejectedNodes = {
  verdicts: [
    {
      plugin: "TaintToleration",
      reasons: ["node(s) had untolerated taint(s)"],
      remedies: ["tolerate the taint a=b:NoSchedule"],
    },
    { plugin: "PodTopologySpread", reasons: ["node(s) didn't match pod topology spread constraints"] },
  ],
  nodes: ["osaka-1"],
};

function explain(more: Partial<Explanation>, pods: readonly SimulatedPod[], subject = WEB): ExplanationReport {
  const { cluster: _cluster, ...of } = subject;
  const explanation: Explanation = { of, scheduler: "edge-scheduler", ...more };
  const state = outcome(pods, { explanations: [explanation] });
  const nodes = state.nodes.map((node) => ({ ...node, pool: `${node.region}-pool` }));
  return buildExplanation(subject, simulation(state, { ...state, nodes }));
}

const placed = (scores: readonly NodeScore[]): ExplanationReport =>
  explain({ pod: { namespace: "app", name: "web-0" }, node: "tokyo-1", scores, rejected: [TAINTED] }, [
    pod("web-0", "tokyo-1", { why: "near" }),
    pod("web-1", "tokyo-2"),
  ]);

describe("an explanation", () => {
  it("groups nodes by the points of every plugin, and says what separates them from the best", () => {
    const report = placed([score("tokyo-1", 300, 100), score("tokyo-2", 300, 100), score("osaka-1", 250, 110)]);
    expect(report.feasible).toMatchObject([
      { nodes: ["tokyo-1", "tokyo-2"], total: 400, behind: 0, differences: [] },
      {
        nodes: ["osaka-1"],
        behind: 40,
        differences: [
          { plugin: "LoadAware", score: 250, best: 300 },
          { plugin: "PodTopologySpread", score: 110, best: 100 },
        ],
      },
    ]);
    expect(renderExplanation(report, OPTIONS)).toContain(
      "   360  osaka-1\n        40 points behind: LoadAware 250 instead of 300, PodTopologySpread 110 instead of 100\n",
    );
  });

  it("gives a tie as a set, also where different plugins give the points", () => {
    const report = placed([score("tokyo-1", 300, 100), score("tokyo-2", 200, 200), score("osaka-1", 0, 0)]);
    expect(report.best).toEqual(["tokyo-1", "tokyo-2"]);
    const text = renderExplanation(report, OPTIONS);
    expect(text).toContain("A tie: 2 nodes have the highest score of 400. Placed anew, the pod could get any of them.");
    expect(text).toContain("the same in all, from other plugins: LoadAware 200 instead of 300");
  });

  it("says that a pod would not get its own node any more", () => {
    const elsewhere = renderExplanation(placed([score("tokyo-2", 300, 100), score("tokyo-1", 290, 100)]), OPTIONS);
    expect(elsewhere).toContain("Placed anew, it would get tokyo-2: scores have changed since. A running pod stays.");
    expect(elsewhere).toContain("   390  tokyo-1 ← runs here");
    expect(renderExplanation(placed([score("tokyo-2", 300, 100)]), OPTIONS)).toContain(
      "its own node would not take it now",
    );
  });

  it("names every filter and every change that a node needs, and what has no known remedy", () => {
    const text = renderExplanation(placed([score("tokyo-1", 300, 100)]), OPTIONS);
    expect(text).toContain("TaintToleration: node(s) had untolerated taint(s)");
    expect(text).toContain("→ tolerate the taint a=b:NoSchedule; and satisfy PodTopologySpread");
  });

  it("of a pod without a node has no choice, and is of concern", () => {
    const shortage = { resource: "cpu", requested: "2", largestFree: "1", largestAllocatable: "4" };
    const full: RejectedNodes = {
      verdicts: [{ plugin: "NodeResourcesFit", reasons: ["Insufficient cpu", "Insufficient memory"] }],
      nodes: ["tokyo-1", "tokyo-2"],
      shortages: [shortage, { ...shortage, resource: "memory" }],
    };
    const report = explain({ pod: { namespace: "app", name: "web-0" }, rejected: [full, TAINTED] }, [pod("web-0")]);
    expect(hasNode(report)).toBe(false);
    const text = renderExplanation(report, OPTIONS);
    expect(text).toContain("Pod web-0 has no node: none of 3 can take it.");
    expect(text).toContain("3 of 3 nodes cannot");
    expect(text).toContain("     2  tokyo-pool (2)\n");
    expect(text).toContain("cpu: the pod requests 2; at most 1 of 4 is free on one of them");
  });

  it("of a pod that waits for room does not say that no node takes it", () => {
    const scores = [score("tokyo-1", 300, 100)];
    const report = explain({ pod: { namespace: "app", name: "web-0" }, scores }, [pod("web-0")]);
    expect(renderExplanation(report, OPTIONS)).toContain("Pod web-0 has no node yet.");
    expect(hasNode(report)).toBe(false);
  });

  it("of a gated pod says what it waits for", () => {
    const gated = pod("web-0", undefined, { status: "Gated" });
    const report = explain({ pod: { namespace: "app", name: "web-0" }, scores: [score("tokyo-1", 1, 1)] }, [gated]);
    expect(renderExplanation(report, OPTIONS)).toContain("waits until its scheduling gates are removed");
    expect(hasNode(report)).toBe(false);
  });

  it("of a DaemonSet is about all of its pods", () => {
    const subject = { ...WEB, kind: "DaemonSet", name: "agent" };
    const owner = { kind: "DaemonSet", namespace: "app", name: "agent" };
    const pods = ["tokyo-1", "tokyo-2"].map((node) => pod(`agent-${node}`, node, { owner }));
    const report = explain(
      { scores: [score("tokyo-1", 1, 0), score("tokyo-2", 1, 0)], rejected: [TAINTED] },
      pods,
      subject,
    );
    const text = renderExplanation(report, OPTIONS);
    expect(text).toContain("It runs a pod on 2 nodes.\nIts 2 pods: tokyo-pool (2)\n");
    expect(text).not.toContain("A tie");
    expect(hasNode(report)).toBe(true);
    expect(hasNode(explain({ rejected: [TAINTED] }, [], subject))).toBe(false);
    const waiting = pod("agent-osaka-1", undefined, { owner });
    const partly = explain({ scores: [score("tokyo-1", 1, 0)], rejected: [TAINTED] }, [pods[0]!, waiting], subject);
    expect(hasNode(partly)).toBe(false);
    expect(renderExplanation(partly, OPTIONS)).toContain(
      "It runs a pod on 1 node.\nIts 2 pods: tokyo-1; 1 without a node",
    );
  });

  it("can be reduced to one node", () => {
    const report = placed([score("tokyo-1", 300, 100), score("tokyo-2", 300, 100)]);
    expect(selectNode(report, "tokyo-2")).toMatchObject({ feasible: [{ nodes: ["tokyo-2"] }], rejected: [] });
    expect(selectNode(report, "osaka-1")).toMatchObject({ feasible: [], rejected: [{ nodes: ["osaka-1"] }] });
    expect(() => selectNode(report, "tokyo-3")).toThrow('--node: unknown node "tokyo-3": did you mean "tokyo-1"?');
  });

  it("shows the best groups of a large cluster, and counts the rest", () => {
    const scores = Array.from({ length: 400 }, (_, index) => score(`node-${index}`, 900 - index, 0));
    const text = renderExplanation(placed(scores), OPTIONS);
    expect(text.split("\n").length).toBeLessThan(40);
    expect(text).toContain("and 392 more nodes, the last with a score of 501");
  });

  it("fits into the terminal, and has colors only if it is asked for them", () => {
    const report = placed([score("tokyo-1", 300, 100), score("tokyo-2", 299, 99)]);
    const narrow = renderExplanation(report, { width: 50, colors: false });
    expect(narrow.split("\n").filter((line) => line.length > 50)).toEqual([]);
    expect(narrow).not.toContain("\u001b");
    expect(renderExplanation(report, { width: 50, colors: true })).toContain("\u001b[");
  });

  it("that the simulator cannot give is an error with its reason and the findings", () => {
    expect(() => explain({ error: "the API server rejects the pods of Deployment app/web" }, [])).toThrow(
      "the API server rejects the pods of Deployment app/web",
    );
  });

  it("matches its schema", () => {
    const report = placed([score("tokyo-1", 300, 100)]);
    const isValid = (value: unknown): boolean => schema.safeParse(JSON.parse(JSON.stringify(value))).success;
    expect(isValid(report)).toBe(true);
    expect(isValid({ ...report, later: 1 })).toBe(true);
    expect(isValid({ ...report, version: 2 })).toBe(false);
    expect(isValid({ ...report, best: undefined })).toBe(false);
  });
});
