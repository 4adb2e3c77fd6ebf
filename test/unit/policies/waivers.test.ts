import { evaluate } from "../../../policies/engine/evaluate";
import type { Waiver } from "../../../policies/engine/policy";
import type { Severity } from "../../../policies/engine/rule";
import { coverage } from "../../../policies/engine/waivers";
import { labelled, toy } from "./toy-rules";

const waiver: Waiver = { rule: "labelled", reason: "the shop is closed", expires: "2026-12-24" };

function judged(
  waivers: readonly Waiver[],
  today: string,
  more: {
    unusedWaivers?: boolean;
    only?: string[];
    severities?: Record<string, Record<string, Severity | "off">>;
  } = {},
) {
  const { severities, ...rest } = more;
  return evaluate(
    [labelled, { ...labelled, id: "other", check: () => [] }],
    { clusters: [{ name: "tokyo", kubernetesVersion: "1.36.3", objects: [toy("a", { toy: "lost" })] }] },
    { policy: { waivers, ...(severities && { severities }) }, environment: "local", today, ...rest },
  );
}
const told = (report: ReturnType<typeof judged>): string[] =>
  report.findings.map(({ rule, severity, message, waived }) => `${waived ? "waived" : severity} ${rule}: ${message}`);

describe("what a waiver speaks of", () => {
  const found = { rule: "labelled", cluster: "tokyo", object: { kind: "ConfigMap", namespace: "toys", name: "a.b-1" } };
  test.each<[Partial<Waiver>, boolean]>([
    [{}, true],
    [{ cluster: "tokyo" }, true],
    [{ cluster: "toky" }, false],
    [{ rule: "other" }, false],
    [{ object: "ConfigMap/toys/a.b-1" }, true],
    [{ object: "ConfigMap/toys/axb-1" }, false],
    [{ object: "*/toys/*" }, true],
    [{ object: "*Map/t*s/*b-*" }, true],
    [{ object: "ConfigMap/*" }, false],
    [{ object: "*/*" }, false],
    [{ object: "ConfigMap/toys/a.b" }, false],
    [{ object: "onfigMap/toys/a.b-1" }, false],
  ])("%j: %s", (stated, expected) => expect(coverage({ ...waiver, ...stated })(found)).toBe(expected));

  test("an object of the whole cluster has no namespace", () => {
    const object = { kind: "ClusterRole", name: "admin" };
    expect(coverage({ ...waiver, object: "ClusterRole/adm*" })({ rule: "labelled", object })).toBe(true);
    expect(coverage({ ...waiver, object: "ClusterRole/*/admin" })({ rule: "labelled", object })).toBe(false);
  });

  test("what the fleet states has no object", () => {
    expect(coverage(waiver)({ rule: "labelled" })).toBe(true);
    expect(coverage({ ...waiver, object: "*/*" })({ rule: "labelled" })).toBe(false);
  });
});

describe("days", () => {
  test("a waiver counts to the end of its last day", () => {
    const report = judged([waiver], "2026-12-24");
    expect(told(report)).toEqual(["waived labelled: is not kept"]);
    expect(report.findings[0]!.waived).toEqual({ reason: "the shop is closed", expires: "2026-12-24" });
    expect(report.counts).toEqual({ error: 0, warning: 0, info: 0, waived: 1 });
  });

  test("from then on what it tolerated is back, and it is an error itself", () => {
    const report = judged([waiver], "2026-12-25");
    expect(told(report)).toEqual([
      "error waiver-expired: the waiver of labelled for everything counted until 2026-12-24; 1 finding is back",
      "error labelled: is not kept",
    ]);
    expect(report.counts).toMatchObject({ error: 2, waived: 0 });
    expect(report.findings[0]).toMatchObject({ path: "waivers[0]" });
  });

  test("an expired one that is not needed any more is an error too", () => {
    expect(told(judged([{ ...waiver, cluster: "oslo" }], "2027-01-01"))[0]).toBe(
      "error waiver-expired: the waiver of labelled for everything in oslo counted until 2026-12-24; nothing that it tolerated is left",
    );
  });

  test("another that still counts takes the place of one that has expired", () => {
    const report = judged([waiver, { ...waiver, expires: "2027-03-31" }], "2027-01-01");
    expect(told(report)).toEqual([expect.stringMatching(/^error waiver-expired/), "waived labelled: is not kept"]);
  });

  test("one that counts for more than a year is told", () => {
    expect(told(judged([{ ...waiver, expires: "2027-12-24" }], "2026-12-24"))).toEqual([
      "waived labelled: is not kept",
    ]);
    expect(told(judged([{ ...waiver, expires: "2027-12-25" }], "2026-12-24"))[0]).toBe(
      "warning waiver-lasting: the waiver of labelled for everything counts until 2027-12-25, allowed is a year from 2026-12-24",
    );
  });
});

describe("a waiver that tolerates nothing", () => {
  const idle = { ...waiver, object: "ConfigMap/toys/b" };
  test("is told", () => {
    expect(told(judged([idle], "2026-12-01"))).toEqual([
      "warning waiver-unused: the waiver of labelled for ConfigMap/toys/b tolerates nothing that was found",
      "error labelled: is not kept",
    ]);
  });

  test("is told of a rule that finds nothing", () => {
    expect(told(judged([{ ...waiver, rule: "other" }], "2026-12-01"))[0]).toMatch(/^warning waiver-unused/);
  });

  test.each<[string, Waiver, Parameters<typeof judged>[2]]>([
    ["where only a part is looked at", idle, { unusedWaivers: false }],
    ["of a rule that is not asked", { ...waiver, rule: "other" }, { only: ["labelled"] }],
    ["of a rule that is off", { ...waiver, rule: "other" }, { severities: { local: { other: "off" } } }],
    ["of a cluster that is not looked at", { ...idle, cluster: "oslo" }, {}],
    ["where the policy does not want it told", idle, { severities: { default: { "waiver-unused": "off" } } }],
  ])("is not told %s", (_name, stated, more) => {
    expect(told(judged([stated], "2026-12-01", more))).toEqual(["error labelled: is not kept"]);
  });
});
