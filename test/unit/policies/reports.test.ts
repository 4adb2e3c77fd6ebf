import "@microsoft/jest-sarif";

import type { Log } from "sarif";

import type { Finding, PolicyReport } from "../../../policies/engine/report";
import { jsonReport } from "../../../policies/reports/json";
import { junitReport } from "../../../policies/reports/junit";
import { markdownReport } from "../../../policies/reports/markdown";
import { sarifReport } from "../../../policies/reports/sarif";
import { tableReport } from "../../../policies/reports/table";

/** An unpaired surrogate. */
const SURROGATE = String.fromCharCode(0xd800);
const remedy = "Name a version.";
const dashboard = { apiVersion: "apps/v1", kind: "Deployment", namespace: "telemetry", name: "dashboard" };
const image: Finding = {
  rule: "images-pinned",
  severity: "error",
  message: 'got "nginx"',
  remedy,
  object: dashboard,
  path: "spec.template.spec.containers[0].image",
  construct: "workloads/dashboard",
  source: { file: "stacks/local.ts", line: 108, column: 7 },
};
const report: PolicyReport = {
  version: 1,
  environment: "local",
  today: "2026-11-24",
  rules: [
    { id: "images-pinned", title: "Every image is pinned", why: "Else it changes.", remedy, severity: "error" },
    {
      id: "probes",
      title: "Every container has probes",
      why: "Failures stay unnoticed.",
      remedy: "Add one.",
      severity: "warning",
    },
    { id: "servers-odd", title: "Servers are odd", why: "Else none wins.", remedy: "Add one.", severity: "error" },
  ],
  objects: 12,
  skipped: [],
  findings: [
    { rule: "servers-odd", severity: "info", message: "got 2", remedy: "Add one.", path: "clusters[0].servers" },
    { ...image, cluster: "frankfurt" },
    { ...image, cluster: "tokyo" },
    {
      rule: "probes",
      severity: "warning",
      message: "got nothing",
      remedy: "Add one.",
      cluster: "tokyo",
      object: { apiVersion: "v1", kind: "Pod", name: "a" },
      path: "",
      waived: { reason: "It is going.", expires: "2026-12-24" },
    },
  ],
  counts: { error: 2, warning: 0, info: 1, waived: 1 },
};
const emptyReport: PolicyReport = { ...report, findings: [], counts: { error: 0, warning: 0, info: 0, waived: 0 } };
const isError = (severity: string): boolean => severity === "error";
const sarif = (input: PolicyReport): Log => JSON.parse(sarifReport(input, { version: "0.1.0", root: "/repo" })) as Log;

/** A report with malicious text in every field that comes from a manifest. */
const hostile = (text: string): PolicyReport => ({
  ...emptyReport,
  findings: [{ ...image, message: text, path: text, construct: text, object: { ...dashboard, name: text } }],
});

describe("table", () => {
  test("groups findings by object, and merges clusters", () =>
    expect(tableReport(report, false)).toMatchInlineSnapshot(`
     "fleet
       info     servers-odd  clusters[0].servers
                got 2
                → Add one.

     Deployment telemetry/dashboard in frankfurt, tokyo, created by workloads/dashboard
       error    images-pinned  spec.template.spec.containers[0].image  stacks/local.ts:108:7
                got "nginx"
                → Name a version.

     Pod a in tokyo
       waived   probes
                got nothing
                until 2026-12-24: It is going.

     2 errors, 0 warnings, 1 info, 1 waived: 3 rules over 12 objects, environment local
     "
    `));
  test("has a summary without findings", () =>
    expect(tableReport(emptyReport, false)).toMatchInlineSnapshot(`
     "0 errors, 0 warnings: 3 rules over 12 objects, environment local
     "
    `));
  test("names cloud resources, files and the policy", () => {
    const finding = { severity: "error", message: "is wrong", remedy, path: "" } as const;
    const findings: Finding[] = [
      { ...finding, rule: "aws-tagged", resource: { type: "aws:s3/bucket:Bucket", name: "logs" } },
      { ...finding, rule: "manifest-unreadable", source: { file: "a.yaml", line: 1 } },
      { ...finding, rule: "rule-failed" },
      { ...finding, rule: "waiver-expired", path: "waivers[0]" },
    ];
    const text = tableReport({ ...report, findings }, false);
    expect(text.split("\n").filter((line) => /^\S/.test(line))).toEqual([
      "aws:s3/bucket:Bucket logs",
      "a.yaml",
      "policy",
      expect.stringMatching(/^2 errors/),
    ]);
  });

  test("says how objects were checked", () => {
    const schema = [
      { kubernetes: "1.36", by: "api-server" },
      { kubernetes: "1.37", by: "openapi" },
    ] as const;
    const lines = [
      "Kubernetes 1.36: checked with the API server's validation",
      "Kubernetes 1.37: checked with the OpenAPI schema only; `skerry tools` builds the API server's validation",
    ];
    expect(
      tableReport({ ...emptyReport, schema }, false)
        .split("\n")
        .slice(1, -1),
    ).toEqual(lines);
    expect(markdownReport({ ...emptyReport, schema })).toContain("Kubernetes 1.36: checked with the API server's");
  });

  test("has colors on request", () => {
    expect(tableReport(report, true)).toContain("\u001b[31m");
    expect(tableReport(report, false)).not.toContain("\u001b");
  });
  test("escapes control characters", () => {
    const text = tableReport(hostile("a\u001b[2J\r\n\u202eb\u009bc"), false);
    expect(text).toContain("a\\u{1b}[2J\\u{d}\\u{a}\\u{202e}b\\u{9b}c");
    // eslint-disable-next-line no-control-regex -- the expression matches control characters
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

test("JSON is the report", () => {
  expect(JSON.parse(jsonReport(report))).toEqual(report);
  expect(jsonReport(report)).toMatch(/^\{\n {2}"version": 1,\n.*\n\}\n$/s);
});

describe("Markdown", () => {
  test("has one table per object", () =>
    expect(markdownReport(report)).toMatchInlineSnapshot(`
     "**Policy check failed**: 2 errors, 0 warnings, 1 info, 1 waived: 3 rules over 12 objects, environment local

     The fleet

     | | rule | location | finding | remedy |
     | --- | --- | --- | --- | --- |
     | info | servers\\-odd | \`clusters[0].servers\` | got 2 | Add one. |

     \`Deployment telemetry/dashboard\` in frankfurt, tokyo, created by \`workloads/dashboard\`

     | | rule | location | finding | remedy |
     | --- | --- | --- | --- | --- |
     | error | images\\-pinned | \`spec.template.spec.containers[0].image\`<br>\`stacks/local.ts:108:7\` | got "nginx" | Name a version. |

     \`Pod a\` in tokyo

     | | rule | location | finding | remedy |
     | --- | --- | --- | --- | --- |
     | waived | probes |  | got nothing | waived until 2026\\-12\\-24: It is going. |
     "
    `));
  test("has a summary without findings", () =>
    expect(markdownReport(emptyReport)).toMatchInlineSnapshot(`
     "**Policy check passed**: 0 errors, 0 warnings: 3 rules over 12 objects, environment local
     "
    `));
  test("escapes markup, links and mentions", () => {
    const text = markdownReport(hostile("| `<img src=x>` @someone https://x.example **b**\n# c"));
    expect(text.split("\n").filter((line) => /^\s*#/.test(line))).toEqual([]);
    expect(text.match(/^\| error .*$/m)![0].split(/(?<!\\)\|/)).toHaveLength(7);
    expect(text.replace(/`` .*? ``(?!`)/g, "").replace(/\\./g, "")).not.toMatch(/<img|@someone|https:|\*\*b/);
  });
  test("fits into a comment", () => {
    const findings = Array.from({ length: 2000 }, (_, index) => ({
      ...image,
      object: { ...dashboard, name: `d${index}` },
    }));
    const text = markdownReport({ ...report, findings });
    expect(text.length).toBeLessThan(65_536);
    const omitted = /The comment is too long: (\d+) more findings/.exec(text)![1];
    expect((text.match(/^\| error/gm) ?? []).length + Number(omitted)).toBe(2000);
  });
});

describe("SARIF", () => {
  test.each<[string, PolicyReport]>([
    ["findings", report],
    ["no findings", emptyReport],
    ["malicious text", hostile(`\u0000<x>${SURROGATE}`)],
  ])("is valid by the official schema for %s", (_name, each) => {
    expect(sarif(each)).toBeValidSarifLog();
  });

  test("has results with locations, fingerprints and suppressions", () => {
    const [fleet, first, second, waived] = sarif(report).runs[0]!.results!;
    expect(first).toMatchInlineSnapshot(`
     {
       "level": "error",
       "locations": [
         {
           "logicalLocations": [
             {
               "fullyQualifiedName": "frankfurt Deployment telemetry/dashboard spec.template.spec.containers[0].image",
               "kind": "object",
             },
             {
               "fullyQualifiedName": "workloads/dashboard",
               "kind": "construct",
             },
           ],
           "physicalLocation": {
             "artifactLocation": {
               "uri": "stacks/local.ts",
               "uriBaseId": "%SRCROOT%",
             },
             "region": {
               "startColumn": 7,
               "startLine": 108,
             },
           },
         },
       ],
       "message": {
         "text": "Deployment telemetry/dashboard in frankfurt: spec.template.spec.containers[0].image: got "nginx"
     Name a version.",
       },
       "partialFingerprints": {
         "skerryFinding/v1": "05b611546563366fbb52fd28dc61d9c6",
       },
       "ruleId": "images-pinned",
       "ruleIndex": 0,
     }
    `);
    expect(fleet!.locations).toEqual([
      { logicalLocations: [{ fullyQualifiedName: "clusters[0].servers", kind: "object" }] },
    ]);
    expect(second!.partialFingerprints).not.toEqual(first!.partialFingerprints);
    expect(waived!.suppressions).toEqual([
      { kind: "external", status: "accepted", justification: "until 2026-12-24: It is going." },
    ]);
    expect(waived!.level).toBe("warning");
  });

  test("has fingerprints that are independent of line and message, and unique", () => {
    const prints = (findings: Finding[]): string[] =>
      sarif({ ...report, findings }).runs[0]!.results!.map(
        ({ partialFingerprints }) => partialFingerprints!["skerryFinding/v1"]!,
      );
    const [before] = prints([image]);
    expect(prints([{ ...image, message: "got another", source: { file: "x.ts", line: 1 } }])).toEqual([before]);
    expect(prints([{ ...image, path: "spec" }])).not.toEqual([before]);
    expect(new Set(prints([image, image])).size).toBe(2);
  });

  test("has URIs relative to the root of the repository", () => {
    const uri = (file: string): unknown =>
      sarif({ ...report, findings: [{ ...image, source: { file, line: 1 } }] }).runs[0]!.results![0]!.locations![0]!
        .physicalLocation!.artifactLocation;
    expect(uri("stacks/my fleet#1.ts")).toEqual({ uri: "stacks/my%20fleet%231.ts", uriBaseId: "%SRCROOT%" });
    expect(uri("/repo/a.ts")).toEqual({ uri: "a.ts", uriBaseId: "%SRCROOT%" });
    expect(uri("/tmp/a.ts")).toEqual({ uri: "../tmp/a.ts" });
  });
});

describe("JUnit", () => {
  test("has one suite per rule and one test case per finding", () =>
    expect(junitReport(report, isError)).toMatchInlineSnapshot(`
     "<?xml version="1.0" encoding="UTF-8"?>
     <testsuites name="skerry policy, local" tests="4" failures="2" skipped="1">
       <testsuite name="images-pinned" tests="2" failures="2" skipped="0">
         <testcase classname="images-pinned" name="frankfurt Deployment telemetry/dashboard spec.template.spec.containers[0].image" file="stacks/local.ts" line="108">
           <failure type="error" message="got &quot;nginx&quot;">got "nginx"
     Name a version.
     stacks/local.ts:108:7</failure>
         </testcase>
         <testcase classname="images-pinned" name="tokyo Deployment telemetry/dashboard spec.template.spec.containers[0].image" file="stacks/local.ts" line="108">
           <failure type="error" message="got &quot;nginx&quot;">got "nginx"
     Name a version.
     stacks/local.ts:108:7</failure>
         </testcase>
       </testsuite>
       <testsuite name="probes" tests="1" failures="0" skipped="1">
         <testcase classname="probes" name="tokyo Pod a">
           <skipped message="waived until 2026-12-24: It is going."/>
         </testcase>
       </testsuite>
       <testsuite name="servers-odd" tests="1" failures="0" skipped="0">
         <testcase classname="servers-odd" name="clusters[0].servers">
           <system-out>info: got 2
     Add one.</system-out>
         </testcase>
       </testsuite>
     </testsuites>
     "
    `));
  test("fails by severity", () => {
    const warned = { ...report, findings: report.findings.map(({ waived: _waived, ...each }) => each) };
    expect(junitReport(warned, isError)).toContain('failures="2" skipped="0"');
    expect(junitReport(warned, () => true)).toContain('failures="4"');
  });
  test("escapes text that XML cannot contain", () => {
    const text = junitReport(hostile(`\u0000\u001b]]>"<&${SURROGATE}\u{1f600}`), isError);
    expect(text).toContain('\ufffd\ufffd]]&gt;"&lt;&amp;\ufffd\u{1f600}');
    expect(text).toContain('message="\ufffd\ufffd]]&gt;&quot;&lt;&amp;\ufffd\u{1f600}"');
  });
});
