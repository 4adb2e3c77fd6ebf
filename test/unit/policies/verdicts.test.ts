import type { KubeObject } from "../../../fleet/kubernetes/object";
import { evaluate } from "../../../policies/engine/evaluate";
import { rules } from "../../../policies/rules";
import type { Policy } from "../../../policies/engine/policy";
import { Validator, type Verdict, type Verdicts } from "../../../policies/schema/validator";
import { verdictCheck } from "../../../policies/schema/verdict-check";

/** A validator of release 1.36.3 that supports 1.35 and 1.36, and says what it is told to. */
class Saying extends Validator {
  constructor(private readonly said: Verdict) {
    super("nowhere");
  }

  override supports(minor: string): boolean {
    return ["1.35", "1.36"].includes(minor);
  }

  override verdicts(minor: string, objects: readonly KubeObject[]): Verdicts | undefined {
    return this.supports(minor) ? { release: "1.36.3", verdicts: objects.map(() => this.said) } : undefined;
  }
}

const job = (pod: object = {}): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "once", namespace: "default" },
  spec: { template: { spec: { containers: [{ name: "main", image: "a" }], ...pod } } },
});
const check = (said: Verdict, object = job(), minor = "1.36") =>
  verdictCheck(new Saying(said), minor, [object])?.[0]!.violations;

const invalid: Verdict = {
  outcome: "refused",
  causes: [{ type: "FieldValueRequired", field: "spec.template.spec.restartPolicy", detail: 'valid values: "Never"' }],
};

describe("violations", () => {
  test("of an accepted object: none", () => {
    expect(check({ outcome: "accepted" })).toEqual([]);
  });

  test("of a version that the validator does not know: the schema's to find", () => {
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
  ])("say what is wrong: %s", (_, causes, message) => {
    expect(check({ outcome: "refused", causes })).toEqual([expect.objectContaining({ message, refused: true })]);
  });

  test("name an unknown field as the schema does, and leave other findings be", () => {
    const said: Verdict = {
      outcome: "refused",
      causes: [{ type: "UnknownField", field: "spec.template.spec.restartpolicy" }],
    };
    expect(check(said, job({ restartpolicy: "Never" }))).toEqual([
      {
        path: "spec.template.spec.restartpolicy",
        message: 'unknown field of PodSpec: did you mean "restartPolicy"?',
      },
    ]);
  });

  test("of an object that cannot be decoded come from the schema, which knows where", () => {
    const message = 'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal string';
    expect(check({ outcome: "refused", message }, job({ hostPID: "yes" }))).toEqual([
      { path: "spec.template.spec.hostPID", message: "got text, allowed is true or false", refused: true },
    ]);
    expect(check({ outcome: "refused", message })).toEqual([
      { path: "", message: "cannot be read: json: cannot unmarshal string", refused: true },
    ]);
  });

  test("of a kind that is not served come from the schema", () => {
    expect(check({ outcome: "unserved" }, { apiVersion: "batch/v9", kind: "Job", metadata: { name: "a" } })).toEqual([
      expect.objectContaining({ path: "apiVersion", message: expect.stringContaining("batch/v1") }),
    ]);
  });

  test("of an object that makes validation panic say so", () => {
    expect(check({ outcome: "failed", message: "panic\nstack" })).toEqual([
      { path: "", message: "the API server's own code fails on it: panic", refused: true },
    ]);
  });

  test("of an emulated version are the schema's too: code of a later release knows more fields", () => {
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
  const report = (said: Verdict | undefined, policy: Policy = {}) =>
    evaluate(
      rules,
      { clusters: [{ kubernetesVersion: "1.36.3", objects: [job()] }] },
      { environment: "default", today: "2026-11-24", policy, ...(said && { validator: new Saying(said) }) },
    );
  const found = (...args: Parameters<typeof report>): string[] => [
    ...new Set(report(...args).findings.map(({ rule }) => rule)),
  ];

  test("says what objects were checked by", () => {
    expect(report(undefined).schema).toEqual([{ kubernetes: "1.36", by: "openapi" }]);
    expect(report({ outcome: "accepted" }).schema).toEqual([{ kubernetes: "1.36", by: "api-server" }]);
  });

  test("of an object that the API server refuses holds the reasons alone", () => {
    expect(found({ outcome: "accepted" })).toContain("images-pinned");
    expect(found(invalid)).toEqual(["matches-schema"]);
  });

  test("holds every finding where the refusal is tolerated, or is no error", () => {
    const waivers = [
      { rule: "matches-schema", object: "Job/*/once", reason: "A webhook sets it.", expires: "2027-01-31" },
    ];
    expect(found(invalid, { waivers })).toContain("images-pinned");
    expect(found(invalid, { severities: { default: { "matches-schema": "warning" } } })).toContain("images-pinned");
  });
});
