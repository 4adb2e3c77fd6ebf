import type { KubeObject } from "../../../fleet/kubernetes/object";
import { evaluate } from "../../../policies/engine/evaluate";
import { rules } from "../../../policies/rules";
import type { Policy } from "../../../policies/engine/policy";
import { Validator, type Verdict, type Verdicts } from "../../../policies/schema/validator";
import { checkVerdicts } from "../../../policies/schema/verdict-check";

/** A validator of release 1.36.3 that supports 1.35 and 1.36 and always returns the same verdict. */
class FakeValidator extends Validator {
  constructor(private readonly verdict: Verdict) {
    super("nowhere");
  }

  override supports(minor: string): boolean {
    return ["1.35", "1.36"].includes(minor);
  }

  override verdicts(minor: string, objects: readonly KubeObject[]): Verdicts | undefined {
    return this.supports(minor) ? { release: "1.36.3", verdicts: objects.map(() => this.verdict) } : undefined;
  }
}

const job = (pod: object = {}): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "once", namespace: "default" },
  spec: { template: { spec: { containers: [{ name: "main", image: "a" }], ...pod } } },
});
const check = (verdict: Verdict, object = job(), minor = "1.36") =>
  checkVerdicts(new FakeValidator(verdict), minor, [object])?.[0]!.violations;

const invalid: Verdict = {
  outcome: "refused",
  causes: [{ type: "FieldValueRequired", field: "spec.template.spec.restartPolicy", detail: 'valid values: "Never"' }],
};

describe("checkVerdicts", () => {
  test("finds no violations in an accepted object", () => {
    expect(check({ outcome: "accepted" })).toEqual([]);
  });

  test("returns undefined for an unsupported version", () => {
    expect(check({ outcome: "accepted" }, job(), "1.37")).toBeUndefined();
  });

  test.each<[string, Verdict["causes"] & object, string]>([
    ["required", invalid.causes!, 'required value: valid values: "Never"'],
    [
      "text",
      [{ type: "FieldValueNotSupported", field: "a", value: '"x"', detail: "supported: y" }],
      'got "x", supported: y',
    ],
    ["a number", [{ type: "FieldValueInvalid", field: "a", value: "7", detail: "must be 8" }], "got 7, must be 8"],
    [
      "long text",
      [{ type: "FieldValueInvalid", field: "a", value: `"${"x".repeat(99)}"`, detail: "d" }],
      `got "${"x".repeat(79)}…, d`,
    ],
    ["a mapping", [{ type: "FieldValueInvalid", field: "a", value: '{"b":1}', detail: "is empty" }], "is empty"],
    ["not found", [{ type: "FieldValueNotFound", field: "a", value: '"v"' }], 'got "v", not found'],
    [
      "a secret",
      [{ type: "FieldValueInvalid", field: "spec.password", value: '"hunter2"', detail: "too weak" }],
      "too weak",
    ],
  ])("formats a cause with %s", (_, causes, message) => {
    expect(check({ outcome: "refused", causes })).toEqual([expect.objectContaining({ message, refused: true })]);
  });

  test("reports an unknown field with the schema's message, and keeps the findings of other rules", () => {
    const verdict: Verdict = {
      outcome: "refused",
      causes: [{ type: "UnknownField", field: "spec.template.spec.restartpolicy" }],
    };
    expect(check(verdict, job({ restartpolicy: "Never" }))).toEqual([
      {
        path: "spec.template.spec.restartpolicy",
        message: 'unknown field of PodSpec: did you mean "restartPolicy"?',
      },
    ]);
  });

  test("reports the schema violations of an object that cannot be decoded", () => {
    const message = 'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal string';
    expect(check({ outcome: "refused", message }, job({ hostPID: "yes" }))).toEqual([
      { path: "spec.template.spec.hostPID", message: "got text, must be true or false", refused: true },
    ]);
    expect(check({ outcome: "refused", message })).toEqual([
      { path: "", message: "cannot be decoded: json: cannot unmarshal string", refused: true },
    ]);
  });

  test("reports the schema violation of an unknown kind", () => {
    expect(check({ outcome: "unserved" }, { apiVersion: "batch/v9", kind: "Job", metadata: { name: "a" } })).toEqual([
      expect.objectContaining({ path: "apiVersion", message: expect.stringContaining("batch/v1") }),
    ]);
  });

  test("reports a panic of the validation", () => {
    expect(check({ outcome: "failed", message: "panic\nstack" })).toEqual([
      { path: "", message: "the API server's validation panics: panic", refused: true },
    ]);
  });

  test("adds the schema violations for an emulated version, which has fewer fields than the release", () => {
    const path = "spec.template.spec.fromTheFuture";
    expect(check({ outcome: "accepted" }, job({ fromTheFuture: 1 }), "1.35")).toEqual([
      expect.objectContaining({ path }),
    ]);
    expect(check(invalid, job({ fromTheFuture: 1 }), "1.35")!.map((each) => each.path)).toEqual([
      "spec.template.spec.restartPolicy",
      path,
    ]);
  });
});

describe("a report", () => {
  const report = (verdict: Verdict | undefined, policy: Policy = {}) =>
    evaluate(
      rules,
      { clusters: [{ kubernetesVersion: "1.36.3", objects: [job()] }] },
      {
        environment: "default",
        today: "2026-11-24",
        policy,
        ...(verdict && { validator: new FakeValidator(verdict) }),
      },
    );
  const ruleIds = (...args: Parameters<typeof report>): string[] => [
    ...new Set(report(...args).findings.map(({ rule }) => rule)),
  ];

  test("says how objects were checked", () => {
    expect(report(undefined).schema).toEqual([{ kubernetes: "1.36", by: "openapi" }]);
    expect(report({ outcome: "accepted" }).schema).toEqual([{ kubernetes: "1.36", by: "api-server" }]);
  });

  test("has only the schema violations of a rejected object", () => {
    expect(ruleIds({ outcome: "accepted" })).toContain("images-pinned");
    expect(ruleIds(invalid)).toEqual(["matches-schema"]);
  });

  test("has all findings when the rejection is waived or no error", () => {
    const waivers = [
      { rule: "matches-schema", object: "Job/*/once", reason: "A webhook sets it.", expires: "2027-01-31" },
    ];
    expect(ruleIds(invalid, { waivers })).toContain("images-pinned");
    expect(ruleIds(invalid, { severities: { default: { "matches-schema": "warning" } } })).toContain("images-pinned");
  });
});
