import { parseFleet } from "../../../fleet/reading/parse";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { PolicyReport } from "../../../policies/engine/report";
import { evaluateDrills, type PolicySettings, requiresDrills } from "../../../preview/drills/findings";
import { drillLines } from "../../../preview/output/drill-lines";
import { listTables } from "../../../preview/output/html/report-tables";
import { renderMarkdown } from "../../../preview/output/markdown";
import { renderTerminal } from "../../../preview/output/terminal";
import { previewChange, type Revision } from "../../../preview/preview";
import { summarizeRegionLoss } from "../../../preview/drills/region-loss";
import { renderStates } from "../../../preview/rendering";
import type { DrillResult, IntentState, PreviewReport } from "../../../preview/report";
import type { SimulationReport } from "../../../preview/simulator/protocol";
import { local } from "../../../stacks/local";
import { QUIET } from "./reports";

const BROKEN: IntentState = { requires: 2, during: 1, after: 1, broken: true };
const PASSING: IntentState = { requires: 2, during: 1, after: 2, broken: false };

const dashboard = { cluster: "tokyo", kind: "Deployment", namespace: "telemetry", name: "dashboard" };

/** A drill that violates the budget of the dashboards. */
const result = (drill: string, before?: IntentState, after?: IntentState): DrillResult => ({
  drill,
  clusters: [
    {
      cluster: "tokyo",
      nodes: { lost: 13, left: 29 },
      pods: { total: 60, kept: 41 },
      controlPlaneLost: drill === "region=tokyo",
      preempted: 0,
    },
  ],
  displaced: [
    { cluster: "tokyo", from: "osaka", to: "tokyo", fate: "Rescheduled", pods: 3, afterSeconds: 380 },
    { cluster: "tokyo", from: "osaka", fate: "Waiting", pods: 8 },
  ],
  workloads: [
    {
      workload: dashboard,
      desired: 3,
      kept: { before: 3, after: 1 },
      left: { before: 3, after: after?.after ?? 3 },
      replaced: { tokyo: 1 },
    },
  ],
  volumes: [{ cluster: "tokyo", namespace: "brokers", claim: "data-osaka-mqtt-0", node: "osaka-gw-01" }],
  links: [],
  violations:
    before || after
      ? [
          {
            cluster: "tokyo",
            object: "PodDisruptionBudget telemetry/dashboard",
            path: "spec.maxUnavailable",
            workloads: [dashboard],
            unit: "pods",
            confined: false,
            ...(before && { before }),
            ...(after && { after }),
          },
        ]
      : [],
  errors: [],
});

const both = [result("region=osaka", undefined, BROKEN), result("region=tokyo", BROKEN, PASSING)];
const regionLoss = summarizeRegionLoss(["osaka", "tokyo"], both)!;

it("says whether a fleet survives the loss of any one region, and which regions break what", () => {
  expect(regionLoss).toEqual({
    survives: { before: false, after: false },
    breaks: [{ region: "osaka", intents: ["tokyo: PodDisruptionBudget telemetry/dashboard"] }],
  });
  expect(summarizeRegionLoss(["tokyo"], [result("region=tokyo", BROKEN, PASSING)])).toEqual({
    survives: { before: false, after: true },
    breaks: [],
  });
});

it("does not claim survival unless every region was drilled", () => {
  expect(summarizeRegionLoss(["osaka", "sydney", "tokyo"], both)).toBeUndefined();
  expect(summarizeRegionLoss(["osaka"], [{ ...both[0]!, errors: ["no node"] }])).toBeUndefined();
  expect(summarizeRegionLoss([], [])).toBeUndefined();
});

describe("a report of drills", () => {
  const report: PreviewReport = { ...QUIET, drills: both, regionLoss };

  it("has one line per effect, the summary first", () => {
    expect(drillLines(report).slice(0, 9)).toEqual([
      "survives the loss of any one region: no",
      "losing osaka breaks tokyo: PodDisruptionBudget telemetry/dashboard",
      "region=osaka: tokyo: PodDisruptionBudget telemetry/dashboard spec.maxUnavailable requires 2 pods, 1 left (before: met)",
      "region=osaka: tokyo: the data of PersistentVolumeClaim brokers/data-osaka-mqtt-0 is only on osaka-gw-01",
      "region=osaka: tokyo: 41 of 60 pods keep running on 29 of 42 nodes",
      "region=osaka: tokyo: pods of osaka that get a new node in tokyo: 3 (evicted within 380 s)",
      "region=osaka: tokyo: pods of osaka that wait for their node: 8",
      "region=osaka: tokyo: telemetry/dashboard is left with 1 of 3 pods (before: 3), new nodes: tokyo 1",
      "region=tokyo: tokyo: PodDisruptionBudget telemetry/dashboard spec.maxUnavailable requires 2 pods, 1 left until they are replaced (before: 1 left)",
    ]);
    expect(drillLines(report)).toContain(
      "region=tokyo: tokyo: 41 of 60 pods keep running on 29 of 42 nodes; the control plane is lost, so nothing is replaced",
    );
  });

  it("is in every format", () => {
    expect(renderTerminal(report, false)).toContain("survives the loss of any one region: no");
    expect(renderMarkdown(report)).toContain("- survives the loss of any one region: no");
    const tables = new Map(listTables(report).map((table) => [table.id, table]));
    expect(tables.get("region-loss")!.rows).toEqual([
      ["any one", { text: "no", tone: "bad" }, ""],
      ["osaka", { text: "no", tone: "bad" }, "tokyo: PodDisruptionBudget telemetry/dashboard"],
    ]);
    expect(tables.get("drill-violations")!.rows).toHaveLength(2);
    for (const { columns, rows } of tables.values()) for (const row of rows) expect(row).toHaveLength(columns.length);
  });
});

describe("the rule survives-region-loss", () => {
  const rendering = renderStates(parseFleet(local));
  const policy = { environment: "production", today: "2026-11-27", findings: [] } as unknown as PolicyReport;
  const find = (settings: PolicySettings, results = both, complete = true) =>
    evaluateDrills(rendering, policy, settings, results, "after", complete);

  it("finds what the loss of a region breaks, as a warning unless the policy says otherwise", () => {
    expect(find({})).toEqual([
      expect.objectContaining({
        rule: "survives-region-loss",
        severity: "warning",
        cluster: "tokyo",
        object: { apiVersion: "policy/v1", kind: "PodDisruptionBudget", namespace: "telemetry", name: "dashboard" },
        drill: "region=osaka",
        path: "spec.maxUnavailable",
        message: "drill region=osaka leaves 1 of at least 2 pods of Deployment telemetry/dashboard",
      }),
    ]);
    const severities = { production: { "survives-region-loss": "error", "rule-of-the-team": "error" } } as const;
    expect(find({ severities }).map(({ severity }) => severity)).toEqual(["error"]);
    expect(find({ severities: { production: { "survives-region-loss": "off" } } })).toEqual([]);
  });

  it("is not violated by the loss of a node", () => {
    expect(find({}, [result("node=osaka-gw-01", undefined, BROKEN)])).toEqual([]);
  });

  it("is waived like every other rule; an unused waiver is reported if every region was drilled", () => {
    const waiver = { object: "PodDisruptionBudget/telemetry/*", reason: "Accepted.", expires: "2027-01-31" };
    const other = { rule: "images-pinned", reason: "Accepted.", expires: "2027-01-31" };
    const waivers = [other, { ...waiver, rule: "survives-region-loss" }];
    expect(find({ waivers })).toEqual([
      expect.objectContaining({ waived: { reason: "Accepted.", expires: "2027-01-31" } }),
    ]);
    expect(find({ waivers }, [])).toEqual([expect.objectContaining({ rule: "waiver-unused", path: "waivers[1]" })]);
    expect(find({ waivers }, [], false)).toEqual([]);
  });

  it("requires drills if a policy sets its severity", () => {
    const set = (environment: string, severity: "error" | "off"): boolean =>
      requiresDrills({ severities: { [environment]: { "survives-region-loss": severity } } }, "production");
    expect([set("production", "error"), set("default", "error")]).toEqual([true, true]);
    expect([set("production", "off"), set("staging", "error"), requiresDrills({}, "production")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("is a new finding of a preview if only the head breaks an intent", async () => {
    const { clusters, ...rest } = rendering;
    const [cluster] = clusters.filter(({ name }) => name === "tokyo");
    const dashboards = cluster!.objects.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === "dashboard",
    )! as KubeObject & { readonly spec: { readonly replicas: number } };
    const revision: Revision = {
      label: "main",
      rendering: { ...rest, clusters: [cluster!] },
      policy,
      settings: { severities: { production: { "survives-region-loss": "error" } } },
    };
    /** Every dashboard runs in Osaka, and finds a new node or none. */
    const simulate = async (): Promise<SimulationReport> => {
      const owner = { kind: "Deployment", namespace: "telemetry", name: "dashboard" };
      const names = Array.from({ length: dashboards.spec.replicas }, (_, index) => `dashboard-${index}`);
      const run = (to?: string): SimulationReport["after"] => ({
        pods: names.map((name) => ({
          ...{
            namespace: "telemetry",
            name,
            owner,
            scheduler: "s",
            status: "Placed",
            origin: "Kept",
            node: "osaka-gw-01",
          },
        })),
        workloads: [{ ...owner, desired: names.length, available: names.length, complete: true }],
        nodes: cluster!.nodes.map(({ metadata: { name, labels = {} } }) => {
          return { name: name!, region: labels["topology.kubernetes.io/region"]!, ready: true, pods: 0 };
        }),
        drills: ["osaka", "sydney", "tokyo"].map((region) => ({
          drill: { region },
          nodes: [`${region}-gw-01`],
          displaced:
            region !== "osaka"
              ? []
              : names.map((name) => ({
                  ...{ namespace: "telemetry", name, owner, node: "osaka-gw-01" },
                  ...(to === undefined ? { fate: "Unplaceable" as const } : { fate: "Rescheduled" as const, to }),
                })),
        })),
      });
      return { cluster: "tokyo", kubernetes: "v1.36.3", seed: 1, before: run("tokyo-gw-01"), after: run() };
    };
    const drills = ["osaka", "sydney", "tokyo"].map((region) => ({ region }));
    const report = await previewChange(revision, { ...revision, label: "head" }, simulate, { drills });
    expect(report.findings).toEqual([
      expect.objectContaining({ change: "new", rule: "survives-region-loss", severity: "error", cluster: "tokyo" }),
    ]);
    expect(report.regionLoss).toMatchObject({
      survives: { before: true, after: false },
      breaks: [{ region: "osaka" }],
    });
    expect(renderTerminal(report, false)).toMatch(/^1 rule broken/);
  });
});
