import { createHash } from "node:crypto";

import { renderHtml } from "../../../preview/output/html";
import type { PreviewReport, WorkloadName } from "../../../preview/report";
import { describeLocalFleet, previewLocalFleet } from "./local-fleet";
import { QUIET } from "./reports";

/** The text of each element with a name. */
const contents = (page: string, element: string): string[] =>
  [...page.matchAll(new RegExp(`<${element}(?: [^>]*)?>(.*?)</${element}>`, "gs"))].map(([, text]) => text!);

const readReport = (page: string): PreviewReport =>
  JSON.parse(/<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page)![1]!) as PreviewReport;

/** The ids of the sections with a table. */
const tables = (page: string): string[] => [...page.matchAll(/<section id="([^"]*)"><h2/g)].map(([, id]) => id!);

describe("the page of a preview", () => {
  let report: PreviewReport;
  let page: string;
  beforeAll(async () => {
    report = await previewLocalFleet();
    page = renderHtml(report);
  });

  it("allows its own script and style, by their hashes, and no request", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const script = /<script>(.*?)<\/script>/s.exec(page)![1]!;
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `style-src ${hash(contents(page, "style")[0]!)}`,
      `script-src ${hash(script)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it("has no attribute that the policy would ignore", () => {
    expect(page).not.toMatch(/<[^>]* (?:style|on\w+)=/);
  });

  it("contains the whole report", () => {
    expect(readReport(page)).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it("has the verdict, a map and tables without a script", () => {
    const still = page.replace(/<script.*?<\/script>/gs, "");
    expect(contents(still, "h1")).toEqual(["1 pod won&#39;t fit · 6 move · 6 new pods · 12 pods removed"]);
    expect(still).toMatch(/data-region="sydney">.*?sydney <tspan class="count">19<\/tspan>/);
    expect(still).toMatch(/<td>sydney \/ sydney-[a-z0-9-]+<\/td>/);
    expect(tables(still)).toEqual([
      "unschedulable",
      "clusters",
      "regions",
      "moves",
      "counts",
      "findings",
      "objects",
      "region-loss",
      "drill-effects",
      "drills",
      "placements",
      "links",
    ]);
    expect(still).toContain('<section id="blocked" class="empty"><h2>Rollouts that cannot finish');
  });

  it("has the same bytes for the same report", async () => {
    expect(renderHtml(await previewLocalFleet())).toBe(page);
  });

  it("is small", () => {
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });
});

it("says how many rows a large table leaves out", async () => {
  const { moves, ...report } = await previewLocalFleet();
  const page = renderHtml({ ...report, moves: Array.from({ length: 5001 }, () => moves[0]!) });
  expect(page).toContain('Moves <span class="total">5000 of 5001</span>');
  expect(page).toContain("1 row is left out, and in the JSON of this page.");
  expect(readReport(page).moves).toHaveLength(5001);
});

describe("the page of a fleet", () => {
  it("counts pods, and has neither changes nor a slider", async () => {
    const report = await describeLocalFleet();
    const page = renderHtml(report);
    expect(report).not.toHaveProperty("base");
    expect(contents(page, "h1")).toEqual(["336 pods on 139 nodes in 10 regions"]);
    expect(tables(page)).toEqual([
      "clusters",
      "regions",
      "region-loss",
      "drill-effects",
      "drills",
      "placements",
      "links",
    ]);
    expect(page).not.toContain('id="position"');
  });

  it("has no map if no region has a location", () => {
    expect(renderHtml(QUIET)).not.toContain('id="fleet"');
  });
});

describe("hostile text", () => {
  const hostile = `</script><script>alert(1)</script><!--"'&\u2028\u2029`;
  const workload: WorkloadName = { cluster: hostile, kind: hostile, namespace: hostile, name: hostile };
  const place = { node: hostile, region: hostile };
  const report: PreviewReport = {
    ...QUIET,
    base: hostile,
    head: hostile,
    kubernetes: hostile,
    regions: [
      {
        cluster: hostile,
        region: hostile,
        nodes: { before: 1, after: 1 },
        pods: { before: 1, after: 2 },
        movedIn: 0,
        movedOut: 0,
        roundTrip: {},
        requested: { before: { cpu: 0, memory: 0 }, after: { cpu: 0, memory: 0 } },
        skew: { before: { cpu: 0, memory: 0 }, after: { cpu: 0, memory: 0 } },
      },
    ],
    geography: {
      regions: [{ name: hostile, latitude: 1, longitude: 2 }],
      links: [{ from: hostile, to: hostile, rttMs: 1 }],
    },
    placements: [{ workload, region: hostile, pods: { before: 1, after: 2 } }],
    moves: [{ workload, from: place, to: place, reason: hostile, why: hostile, ties: [hostile] }],
    created: [{ workload, pods: 1, regions: { [hostile]: 1 } }],
    unschedulable: [
      {
        workload,
        pods: 1,
        before: false,
        message: hostile,
        groups: [{ nodes: 1, reasons: [hostile] }],
        shortages: [{ resource: hostile, requested: hostile, largestFree: hostile }],
      },
    ],
    blocked: [{ workload, available: 0, desired: 1, message: hostile }],
    objects: [
      {
        cluster: hostile,
        object: hostile,
        change: "changed",
        fields: [{ path: hostile, before: hostile, after: hostile }],
      },
    ],
    findings: [
      {
        change: "new",
        rule: hostile,
        severity: "error",
        cluster: hostile,
        object: hostile,
        path: hostile,
        message: hostile.repeat(10),
      },
    ],
    drills: [
      {
        drill: `region=${hostile}`,
        clusters: [
          {
            cluster: hostile,
            nodes: { lost: 1, left: 1 },
            pods: { total: 1, kept: 0 },
            controlPlaneLost: true,
            preempted: 1,
          },
        ],
        displaced: [{ cluster: hostile, from: hostile, to: hostile, fate: "Rescheduled", pods: 1 }],
        workloads: [
          {
            workload,
            desired: 1,
            kept: { before: 1, after: 0 },
            left: { before: 1, after: 0 },
            replaced: { [hostile]: 1 },
          },
        ],
        volumes: [{ cluster: hostile, namespace: hostile, claim: hostile, node: hostile }],
        links: [{ from: hostile, to: hostile, rttMs: { before: 1, after: 2 }, via: hostile }],
        violations: [
          {
            cluster: hostile,
            object: hostile,
            path: hostile,
            workloads: [workload],
            unit: "pods",
            confined: false,
            after: { requires: 1, during: 0, after: 0, broken: true },
          },
        ],
        errors: [hostile],
      },
    ],
    regionLoss: { survives: { before: true, after: false }, breaks: [{ region: hostile, intents: [hostile] }] },
    errors: [hostile],
    notModelled: [hostile],
  };
  const page = renderHtml(report);

  it("adds no element to the page", () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).not.toContain("<!--");
    expect(page).not.toContain("alert(1)</script>");
  });

  it("reaches the script unchanged", () => {
    expect(readReport(page)).toEqual(JSON.parse(JSON.stringify(report)));
    expect(contents(page, "script")[0]).not.toMatch(/[<>&\u2028\u2029]/);
  });
});
