import { evaluate } from "../../../policies/engine/evaluate";
import type { Waiver } from "../../../policies/engine/policy";
import type { Severity } from "../../../policies/engine/rule";
import { compileWaiver } from "../../../policies/engine/waivers";
import { labelled, toy } from "./toy-rules";

const waiver: Waiver = { rule: "labelled", reason: "the shop is closed", expires: "2026-12-24" };

function evaluateOn(
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
const texts = (report: ReturnType<typeof evaluateOn>): string[] =>
  report.findings.map(({ rule, severity, message, waived }) => `${waived ? "waived" : severity} ${rule}: ${message}`);

describe("matching", () => {
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
  ])("%j: %s", (fields, expected) => expect(compileWaiver({ ...waiver, ...fields })(found)).toBe(expected));

  test("cluster-scoped objects have no namespace", () => {
    const object = { kind: "ClusterRole", name: "admin" };
    expect(compileWaiver({ ...waiver, object: "ClusterRole/adm*" })({ rule: "labelled", object })).toBe(true);
    expect(compileWaiver({ ...waiver, object: "ClusterRole/*/admin" })({ rule: "labelled", object })).toBe(false);
  });

  test("findings about the fleet have no object", () => {
    expect(compileWaiver(waiver)({ rule: "labelled" })).toBe(true);
    expect(compileWaiver({ ...waiver, object: "*/*" })({ rule: "labelled" })).toBe(false);
  });
});

describe("dates", () => {
  test("a waiver applies until the end of its last day", () => {
    const report = evaluateOn([waiver], "2026-12-24");
    expect(texts(report)).toEqual(["waived labelled: is not kept"]);
    expect(report.findings[0]!.waived).toEqual({ reason: "the shop is closed", expires: "2026-12-24" });
    expect(report.counts).toEqual({ error: 0, warning: 0, info: 0, waived: 1 });
  });

  test("an expired waiver is an error, and its findings count again", () => {
    const report = evaluateOn([waiver], "2026-12-25");
    expect(texts(report)).toEqual([
      "error waiver-expired: waiver of labelled for all objects expired after 2026-12-24; 1 finding counts again",
      "error labelled: is not kept",
    ]);
    expect(report.counts).toMatchObject({ error: 2, waived: 0 });
    expect(report.findings[0]).toMatchObject({ path: "waivers[0]" });
  });

  test("an expired waiver that matches nothing is an error", () => {
    expect(texts(evaluateOn([{ ...waiver, cluster: "oslo" }], "2027-01-01"))[0]).toBe(
      "error waiver-expired: waiver of labelled for all objects in oslo expired after 2026-12-24; it no longer matches any finding",
    );
  });

  test("an unexpired waiver applies although another has expired", () => {
    const report = evaluateOn([waiver, { ...waiver, expires: "2027-03-31" }], "2027-01-01");
    expect(texts(report)).toEqual([expect.stringMatching(/^error waiver-expired/), "waived labelled: is not kept"]);
  });

  test("a waiver of more than a year is a warning", () => {
    expect(texts(evaluateOn([{ ...waiver, expires: "2027-12-24" }], "2026-12-24"))).toEqual([
      "waived labelled: is not kept",
    ]);
    expect(texts(evaluateOn([{ ...waiver, expires: "2027-12-25" }], "2026-12-24"))[0]).toBe(
      "warning waiver-lasting: waiver of labelled for all objects expires 2027-12-25: must be within a year of 2026-12-24",
    );
  });
});

describe("a waiver that matches nothing", () => {
  const idle = { ...waiver, object: "ConfigMap/toys/b" };
  test("is a warning", () => {
    expect(texts(evaluateOn([idle], "2026-12-01"))).toEqual([
      "warning waiver-unused: waiver of labelled for ConfigMap/toys/b does not match any finding",
      "error labelled: is not kept",
    ]);
  });

  test("is a warning when its rule finds nothing", () => {
    expect(texts(evaluateOn([{ ...waiver, rule: "other" }], "2026-12-01"))[0]).toMatch(/^warning waiver-unused/);
  });

  test.each<[string, Waiver, Parameters<typeof evaluateOn>[2]]>([
    ["when only a part is evaluated", idle, { unusedWaivers: false }],
    ["when its rule is not selected", { ...waiver, rule: "other" }, { only: ["labelled"] }],
    ["when its rule is off", { ...waiver, rule: "other" }, { severities: { local: { other: "off" } } }],
    ["when its cluster is not evaluated", { ...idle, cluster: "oslo" }, {}],
    ["when the policy turns the warning off", idle, { severities: { default: { "waiver-unused": "off" } } }],
  ])("is not reported %s", (_name, unused, more) => {
    expect(texts(evaluateOn([unused], "2026-12-01", more))).toEqual(["error labelled: is not kept"]);
  });
});
