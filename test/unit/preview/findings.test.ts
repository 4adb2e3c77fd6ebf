import type { Finding, PolicyReport } from "../../../policies/engine/report";
import { compareFindings } from "../../../preview/findings";

const finding = (rule: string, more: Partial<Finding> = {}): Finding => ({
  rule,
  severity: "error",
  message: "must be pinned",
  remedy: "Pin it.",
  path: "spec",
  object: { apiVersion: "v1", kind: "Pod", namespace: "app", name: "web" },
  ...more,
});
const report = (...findings: Finding[]): PolicyReport => ({ findings }) as unknown as PolicyReport;

it("lists new and fixed findings", () => {
  const [one, other] = [finding("images-pinned"), finding("probes")];
  expect(compareFindings(report(one), report(other))).toEqual([
    {
      change: "new",
      rule: "probes",
      severity: "error",
      object: "Pod app/web",
      path: "spec",
      message: "must be pinned",
    },
    {
      change: "fixed",
      rule: "images-pinned",
      severity: "error",
      object: "Pod app/web",
      path: "spec",
      message: "must be pinned",
    },
  ]);
});

it("does not list a finding whose message or line changes", () => {
  const moved = finding("probes", { message: "must be set", source: { file: "a.yaml", line: 3 } });
  expect(compareFindings(report(finding("probes")), report(moved))).toEqual([]);
});

it("lists a finding as new when its waiver ends", () => {
  const waived = finding("probes", { waived: { reason: "rollout", expires: "2027-01-01" } });
  expect(compareFindings(report(waived), report(finding("probes")))).toMatchObject([{ change: "new" }]);
});
