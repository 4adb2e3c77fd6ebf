import "@microsoft/jest-sarif";

import type { Log } from "sarif";

import type { Finding, PolicyReport } from "../../../policies/engine/report";
import { jsonReport } from "../../../policies/reports/json";
import { junitReport } from "../../../policies/reports/junit";
import { markdownReport } from "../../../policies/reports/markdown";
import { sarifReport } from "../../../policies/reports/sarif";
import { tableReport } from "../../../policies/reports/table";

/** Half of a pair, which no text should hold alone. */
const HALF = String.fromCharCode(0xd800);
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
      why: "Else nobody knows.",
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
const none: PolicyReport = { ...report, findings: [], counts: { error: 0, warning: 0, info: 0, waived: 0 } };
const errors = (severity: string): boolean => severity === "error";
const sarif = (of: PolicyReport): Log => JSON.parse(sarifReport(of, { version: "0.1.0", root: "/repo" })) as Log;

/** A report about an object that somebody gave a name to do harm. */
const hostile = (text: string): PolicyReport => ({
  ...none,
  findings: [{ ...image, message: text, path: text, construct: text, object: { ...dashboard, name: text } }],
});

describe("table", () => {
  test("by object, each once, and told in words", () =>
    expect(tableReport(report, false)).toMatchInlineSnapshot(`
     "fleet
       info     servers-odd  clusters[0].servers
                got 2
                → Add one.

     Deployment telemetry/dashboard in frankfurt, tokyo, made by workloads/dashboard
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
  test("nothing found", () =>
    expect(tableReport(none, false)).toMatchInlineSnapshot(`
     "0 errors, 0 warnings: 3 rules over 12 objects, environment local
     "
    `));
  test("colours where they are wanted", () => {
    expect(tableReport(report, true)).toContain("\u001b[31m");
    expect(tableReport(report, false)).not.toContain("\u001b");
  });
  test("nothing that a terminal would obey", () => {
    const text = tableReport(hostile("a\u001b[2J\r\n\u202eb\u009bc"), false);
    expect(text).toContain("a\\u{1b}[2J\\u{d}\\u{a}\\u{202e}b\\u{9b}c");
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

test("JSON is the report", () => {
  expect(JSON.parse(jsonReport(report))).toEqual(report);
  expect(jsonReport(report)).toMatch(/^\{\n {2}"version": 1,\n.*\n\}\n$/s);
});

describe("Markdown", () => {
  test("a table an object", () =>
    expect(markdownReport(report)).toMatchInlineSnapshot(`
     "**Policy broken**: 2 errors, 0 warnings, 1 info, 1 waived: 3 rules over 12 objects, environment local

     The fleet

     | | rule | where | what | remedy |
     | --- | --- | --- | --- | --- |
     | info | servers\\-odd | \`clusters[0].servers\` | got 2 | Add one. |

     \`Deployment telemetry/dashboard\` in frankfurt, tokyo, made by \`workloads/dashboard\`

     | | rule | where | what | remedy |
     | --- | --- | --- | --- | --- |
     | error | images\\-pinned | \`spec.template.spec.containers[0].image\`<br>\`stacks/local.ts:108:7\` | got "nginx" | Name a version. |

     \`Pod a\` in tokyo

     | | rule | where | what | remedy |
     | --- | --- | --- | --- | --- |
     | waived | probes |  | got nothing | waived until 2026\\-12\\-24: It is going. |
     "
    `));
  test("nothing found", () =>
    expect(markdownReport(none)).toMatchInlineSnapshot(`
     "**Policy kept**: 0 errors, 0 warnings: 3 rules over 12 objects, environment local
     "
    `));
  test("nothing that is markup, a link or somebody's name", () => {
    const text = markdownReport(hostile("| `<img src=x>` @someone https://x.example **b**\n# c"));
    expect(text.split("\n").filter((line) => /^\s*#/.test(line))).toEqual([]);
    expect(text.match(/^\| error .*$/m)![0].split(/(?<!\\)\|/)).toHaveLength(7);
    expect(text.replace(/`` .*? ``(?!`)/g, "").replace(/\\./g, "")).not.toMatch(/<img|@someone|https:|\*\*b/);
  });
  test("no longer than a comment may be", () => {
    const findings = Array.from({ length: 2000 }, (_, index) => ({
      ...image,
      object: { ...dashboard, name: `d${index}` },
    }));
    const text = markdownReport({ ...report, findings });
    expect(text.length).toBeLessThan(65_536);
    const left = /Too long for one comment: (\d+) more findings/.exec(text)![1];
    expect((text.match(/^\| error/gm) ?? []).length + Number(left)).toBe(2000);
  });
});

describe("SARIF", () => {
  test.each<[string, PolicyReport]>([
    ["findings", report],
    ["nothing", none],
    ["harm", hostile(`\u0000<x>${HALF}`)],
  ])("is what the official schema wants, of %s", (_name, each) => {
    expect(sarif(each)).toBeValidSarifLog();
  });

  test("the first results", () => {
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

  test("a fingerprint stays where the line and the words change, and tells findings at one place apart", () => {
    const prints = (findings: Finding[]): string[] =>
      sarif({ ...report, findings }).runs[0]!.results!.map(
        ({ partialFingerprints }) => partialFingerprints!["skerryFinding/v1"]!,
      );
    const [before] = prints([image]);
    expect(prints([{ ...image, message: "got another", source: { file: "x.ts", line: 1 } }])).toEqual([before]);
    expect(prints([{ ...image, path: "spec" }])).not.toEqual([before]);
    expect(new Set(prints([image, image])).size).toBe(2);
  });

  test("files are named from the root of the repository, as URIs", () => {
    const uri = (file: string): unknown =>
      sarif({ ...report, findings: [{ ...image, source: { file, line: 1 } }] }).runs[0]!.results![0]!.locations![0]!
        .physicalLocation!.artifactLocation;
    expect(uri("stacks/my fleet#1.ts")).toEqual({ uri: "stacks/my%20fleet%231.ts", uriBaseId: "%SRCROOT%" });
    expect(uri("/repo/a.ts")).toEqual({ uri: "a.ts", uriBaseId: "%SRCROOT%" });
    expect(uri("/tmp/a.ts")).toEqual({ uri: "../tmp/a.ts" });
  });
});

describe("JUnit", () => {
  test("a suite a rule, a test a finding", () =>
    expect(junitReport(report, errors)).toMatchInlineSnapshot(`
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
  test("what fails the build is what was asked for", () => {
    const warned = { ...report, findings: report.findings.map(({ waived: _waived, ...each }) => each) };
    expect(junitReport(warned, errors)).toContain('failures="2" skipped="0"');
    expect(junitReport(warned, () => true)).toContain('failures="4"');
  });
  test("stays XML, whatever stands in it", () => {
    const text = junitReport(hostile(`\u0000\u001b]]>"<&${HALF}\u{1f600}`), errors);
    expect(text).toContain('\ufffd\ufffd]]&gt;"&lt;&amp;\ufffd\u{1f600}');
    expect(text).toContain('message="\ufffd\ufffd]]&gt;&quot;&lt;&amp;\ufffd\u{1f600}"');
  });
});
