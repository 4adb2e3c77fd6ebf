import { driftRenderers } from "../../cli/drift/render";
import type { DriftReport } from "../../cli/drift/report";

const report: DriftReport = {
  version: 1,
  stack: "production",
  resources: 155,
  drifted: [
    {
      cluster: "tokyo",
      operation: "update",
      type: "kubernetes:apps/v1:Deployment",
      name: "tokyo-delivery:Deployment.apps/telemetry/a|b",
      fields: ["spec.replicas", "spec.template"],
    },
    { operation: "create", type: "aws:s3/bucket:Bucket", name: "backups", fields: [] },
  ],
  unreachable: [{ cluster: "dallas", reason: "connect <ECONNREFUSED>" }],
};
const none: DriftReport = { ...report, drifted: [], unreachable: [] };

test("the table names what drifted and what was not compared", () => {
  expect(driftRenderers.table(report).split("\n")).toEqual([
    "  stack production: 2 of 155 resources drifted · 1 cluster not compared",
    expect.stringMatching(/^ {2}CLUSTER +STATE +TYPE +NAME +FIELDS$/),
    expect.stringMatching(/^ {2}tokyo +changed +kubernetes:apps\/v1:Deployment .* spec\.replicas, spec\.template$/),
    expect.stringMatching(/^ {2}- +missing +aws:s3\/bucket:Bucket +backups$/),
    "  not compared: dallas is unreachable (connect <ECONNREFUSED>)",
    "",
  ]);
  expect(driftRenderers.table(none)).toBe("  stack production: no drift\n");
});

test("an object without changed fields was not ready", () => {
  const [first] = report.drifted;
  const text = driftRenderers.table({ ...none, drifted: [{ ...first!, fields: [] }] });
  expect(text).toMatch(/tokyo +not ready +kubernetes/);
});

test("Markdown escapes what would be markup", () => {
  const text = driftRenderers.markdown(report);
  expect(text).toContain("telemetry/a\\|b");
  expect(text).toContain("dallas is unreachable (connect \\<ECONNREFUSED\\>)");
  // Every row has the same number of cells.
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  expect(rows.map((row) => row.replace(/\\\|/g, "").split("|").length)).toEqual([7, 7, 7, 7]);
  expect(driftRenderers.markdown(none)).toBe("**stack production: no drift**\n");
});

test("JSON is the report", () => expect(JSON.parse(driftRenderers.json(report))).toEqual(report));
