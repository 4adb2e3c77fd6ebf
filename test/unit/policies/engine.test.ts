import { PolicyError, validatePolicy } from "../../../policies/engine/validate-policy";
import { evaluate, type EvaluateOptions } from "../../../policies/engine/evaluate";
import type { Finding } from "../../../policies/engine/report";
import type { ObjectRule, Rule } from "../../../policies/engine/rule";
import type { Subjects } from "../../../policies/engine/subjects";
import { smallFleet } from "../../fixtures/small-fleet";
import { labelled, toy, toyRules, unpaired } from "./toy-rules";

const defaultOptions: EvaluateOptions = { environment: "local", today: "2026-11-24" };
const cluster = (objects: ReturnType<typeof toy>[], name = "tokyo") => ({ name, kubernetesVersion: "1.36.3", objects });
const evaluateToys = (subjects: Subjects, options: Partial<EvaluateOptions> = {}, rules: readonly Rule[] = toyRules) =>
  evaluate(rules, subjects, { ...defaultOptions, ...options });
const short = ({ rule, severity, cluster: at, object, path }: Finding): string =>
  `${severity} ${rule} ${at ?? "-"} ${object?.name ?? "-"} ${path}`;

const kept = { toy: "kept" };
const lost = { toy: "lost" };

describe("evaluation", () => {
  test("evaluates rules on each object, each cluster and the fleet", () => {
    const report = evaluateToys({
      fleet: smallFleet,
      clusters: [
        cluster([toy("b", { ...kept, pair: "1" }), toy("a", { ...lost, pair: "1" })]),
        cluster([toy("c", { ...lost, pair: "1" })], "frankfurt"),
      ],
    });
    expect(report.findings.map(short)).toEqual([
      "error named - - name",
      "error labelled frankfurt c metadata.labels.toy",
      "error labelled tokyo a metadata.labels.toy",
      "warning unpaired tokyo a metadata.labels.pair",
      "warning unpaired tokyo b metadata.labels.pair",
    ]);
    expect(report.counts).toEqual({ error: 3, warning: 2, info: 0, waived: 0 });
    expect(report.objects).toBe(3);
    expect(report.rules.map(({ id }) => id)).toEqual(["matches-schema", "labelled", "unpaired", "named"]);
    expect(report.findings[0]).toMatchObject({ message: 'got "small"', remedy: "Mend the toy." });
  });

  test("shows the context to rules and drops findings about it", () => {
    const { findings, objects } = evaluateToys({
      clusters: [{ ...cluster([toy("a", { ...kept, pair: "1" })]), context: [toy("b", { ...lost, pair: "1" })] }],
    });
    expect(findings.map(short)).toEqual(["warning unpaired tokyo a metadata.labels.pair"]);
    expect(objects).toBe(1);
  });

  test("evaluates rules on cloud resources, and drops violations at paths with unknown values", () => {
    const [open, closed] = ["open", "closed"].map((name) => ({ type: "aws:s3/bucket:Bucket", name, props: {} }));
    const other = { type: "aws:sqs/queue:Queue", name: "other", props: {} };
    const unknownPaths = new Map([[closed!, ["acl"]]]);
    const { findings } = evaluateToys({ clusters: [], resources: [open!, closed!, other], unknownPaths });
    expect(findings.map(({ rule, resource, message }) => [rule, resource, message])).toEqual([
      ["cloudy", { type: "aws:s3/bucket:Bucket", name: "open" }, "is a cloud"],
    ]);
  });

  test("evaluates selected rules only, and rejects unknown rules and rules without a subject", () => {
    const subjects = { clusters: [cluster([toy("a", { ...lost, pair: "1" }), toy("b", { ...kept, pair: "1" })])] };
    expect(evaluateToys(subjects, { only: ["unpaired"] }).findings.map(({ rule }) => rule)).toEqual([
      "unpaired",
      "unpaired",
    ]);
    expect(() => evaluateToys(subjects, { only: ["unpared", "cloudy", "named"] })).toThrow(
      new RangeError(
        [
          'rule: unknown rule "unpared": did you mean "unpaired"? (must be one of: labelled, matches-schema, unpaired)',
          'rule: got "cloudy", which checks cloud resources: it is evaluated in a plan only',
          'rule: got "named", which checks a fleet: no fleet is evaluated here',
        ].join("\n"),
      ),
    );
  });

  test("evaluates the policy's own rules, and prefers the severities of the environment", () => {
    const own: ObjectRule = { ...labelled, id: "own", severity: "info" };
    const policy = {
      rules: [own],
      severities: { default: { labelled: "warning", unpaired: "off" }, local: { labelled: "info" } },
    } as const;
    const subjects = { clusters: [cluster([toy("a", { ...lost, pair: "1" }), toy("b", { ...kept, pair: "1" })])] };
    expect(evaluateToys(subjects, { policy }).findings.map(short)).toEqual([
      "info labelled tokyo a metadata.labels.toy",
      "info own tokyo a metadata.labels.toy",
    ]);
    const elsewhere = evaluateToys(subjects, { policy, environment: "production" });
    expect(elsewhere.findings.map(short)[0]).toBe("warning labelled tokyo a metadata.labels.toy");
    expect(elsewhere.rules.map(({ id, severity }) => `${id} ${severity}`)).toEqual([
      "matches-schema error",
      "labelled warning",
      "own info",
    ]);
  });
});

describe("findings", () => {
  test("are sorted by cluster, kind, namespace, name, rule and path, in any order of the input", () => {
    const many: ObjectRule = {
      ...labelled,
      id: "many",
      check: () => ["spec[10]", "spec[9]", "spec.a"].map((path) => ({ path, message: "is here" })),
    };
    const objects = [toy("b", kept), toy("a", kept, "z"), toy("a", kept)];
    const forwards = evaluateToys({ clusters: [cluster(objects), cluster(objects, "oslo")] }, {}, [many]);
    const backwards = evaluateToys(
      { clusters: [cluster([...objects].reverse(), "oslo"), cluster([...objects].reverse())] },
      {},
      [many],
    );
    expect(backwards).toEqual(forwards);
    expect(
      forwards.findings.slice(0, 4).map(({ cluster: at, object, path }) => `${at} ${object?.name} ${path}`),
    ).toEqual(["oslo a spec.a", "oslo a spec[9]", "oslo a spec[10]", "oslo b spec.a"]);
  });
});

describe("a rule that fails", () => {
  test("on a malformed object is named in the schema violation, and hides no other finding", () => {
    const { findings } = evaluateToys({
      clusters: [cluster([toy("a", { ...lost, pair: "1" }), toy("b"), toy("c", { ...kept, pair: "1" })])],
    });
    expect(findings.map(short)).toEqual([
      "error labelled tokyo a metadata.labels.toy",
      "warning unpaired tokyo a metadata.labels.pair",
      "error matches-schema tokyo b metadata.labels",
      "warning unpaired tokyo c metadata.labels.pair",
    ]);
    expect(findings[2]!.message).toBe("missing; rules that cannot check this malformed object: unpaired, labelled");
  });

  test("on a valid object is an error, whatever its severity", () => {
    const careless = [labelled, { ...unpaired, severity: "info" as const }];
    const { findings, rules } = evaluateToys({ clusters: [cluster([toy("b"), toy("c", kept)])] }, {}, careless);
    expect(findings.map(short)).toEqual(["error rule-failed tokyo - ", "error rule-failed tokyo b "]);
    expect(findings[1]!.message).toBe(
      "rule labelled failed: TypeError: Cannot read properties of undefined (reading 'toy')",
    );
    expect(rules.map(({ id }) => id)).toEqual(["labelled", "unpaired", "rule-failed"]);
  });

  test.each([
    ["nothing", undefined],
    ["a violation without a path", [{ message: "is here" }]],
    ["null as a violation", [null]],
  ])("because it returns %s", (_name, returned) => {
    const odd = { ...labelled, check: () => returned } as unknown as ObjectRule;
    expect(evaluateToys({ clusters: [cluster([toy("a", kept)])] }, {}, [odd]).findings[0]!.message).toBe(
      "rule labelled failed: must return a list of violations with path and message",
    );
  });

  test("because it reports an object that it was not called with", () => {
    const odd = { ...unpaired, check: () => [{ object: toy("z"), path: "", message: "is here" }] };
    expect(evaluateToys({ clusters: [cluster([toy("a", kept)])] }, {}, [odd]).findings[0]!.message).toBe(
      "rule unpaired failed: must only report objects that it was called with",
    );
  });

  test("does not quote the text of a syntax error, which may be a secret", () => {
    const parsing = { ...labelled, check: () => JSON.parse("hunter2") as [] };
    const { findings } = evaluateToys({ clusters: [cluster([toy("a", kept)])] }, {}, [parsing]);
    expect(findings[0]!.message).toBe("rule labelled failed: SyntaxError");
  });
});

describe("sources", () => {
  test("of objects, the fleet and the policy are in the findings", () => {
    const { findings } = evaluateToys(
      { fleet: smallFleet, clusters: [cluster([toy("a", lost)])] },
      {
        policy: { waivers: [{ rule: "unpaired", reason: "why not", expires: "2026-12-01" }] },
        locator: {
          object: ({ metadata }, path) => ({ construct: `toys/${metadata.name}`, source: { file: path, line: 1 } }),
          fleet: (path) => ({ file: `fleet ${path}`, line: 2 }),
          policy: (path) => ({ file: `policy ${path}`, line: 3 }),
        },
      },
    );
    expect(findings.map(({ rule, construct, source }) => [rule, construct, source])).toEqual([
      ["named", undefined, { file: "fleet name", line: 2 }],
      ["waiver-unused", undefined, { file: "policy waivers[0]", line: 3 }],
      ["labelled", "toys/a", { file: "metadata.labels.toy", line: 1 }],
    ]);
  });
});

describe("an invalid policy", () => {
  test("is rejected with every problem at once", () => {
    const policy = {
      rules: [{ ...labelled }, { ...labelled, id: "Own Rule", check: "nothing" }, { subject: "object", id: "own" }],
      severities: { local: { labeled: "warning", unpaired: "fatal", "rule-failed": "off" } },
      waivers: [
        { rule: "unpared", reason: " ", expires: "2026-02-30" },
        { rule: "unpaired", reason: "why not", expires: "31.12.2026", object: "toys", until: "tomorrow" },
      ],
      waiver: [],
    };
    expect(validatePolicy(policy, toyRules).map(({ path, message }) => `${path}: ${message}`)).toMatchInlineSnapshot(`
     [
       "rules[1].id: must be lowercase letters, digits and single hyphens, got "Own Rule"",
       "rules[1].check: must be a function, got "nothing"",
       "rules[2].title: missing required field, must be a string",
       "rules[2].why: missing required field, must be a string",
       "rules[2].severity: must be one of: error, warning, info; got nothing",
       "rules[2].remedy: missing required field, must be a string",
       "rules[2].check: must be a function, got nothing",
       "severities.local.unpaired: must be one of: error, warning, info, off; got "fatal"",
       "waivers[0].reason: must not be empty, got " "",
       "waivers[0].expires: must be a date such as 2027-03-31, got "2026-02-30"",
       "waivers[1].object: must be Kind/name or Kind/namespace/name; * matches any text within a part, got "toys"",
       "waivers[1].expires: must be a date such as 2027-03-31, got "31.12.2026"",
       "waivers[1].until: unknown field",
       "waiver: unknown field: did you mean "waivers"?",
       "rules[0].id: got "labelled": must not be the id of a rule of Skerry",
       "severities.local.labeled: unknown rule "labeled": did you mean "labelled"? (must be one of: "Own Rule", cloudy, labelled, manifest-unreadable, matches-schema, named, own, unpaired, waiver-expired, waiver-lasting, waiver-unused)",
       "severities.local.rule-failed: unknown rule "rule-failed" (must be one of: "Own Rule", cloudy, labelled, manifest-unreadable, matches-schema, named, own, unpaired, waiver-expired, waiver-lasting, waiver-unused)",
       "waivers[0].rule: unknown rule "unpared": did you mean "unpaired"? (must be one of: "Own Rule", cloudy, labelled, matches-schema, named, own, unpaired)",
     ]
    `);
    expect(() => evaluateToys({ clusters: [] }, { policy: policy as never })).toThrow(PolicyError);
  });

  test("is anything but a mapping", () => {
    expect(validatePolicy("policy", toyRules)).toEqual([{ path: "", message: 'must be a mapping, got "policy"' }]);
  });
});
