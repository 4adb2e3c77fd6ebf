import { PolicyError, policyProblems } from "../../../policies/engine/check-policy";
import { evaluate, type EvaluateOptions, type Subjects } from "../../../policies/engine/evaluate";
import type { Finding } from "../../../policies/engine/report";
import type { ObjectRule, Rule } from "../../../policies/engine/rule";
import { smallFleet } from "../../fixtures/small-fleet";
import { labelled, toy, toyRules, unpaired } from "./toy-rules";

const plain: EvaluateOptions = { environment: "local", today: "2026-11-24" };
const cluster = (objects: ReturnType<typeof toy>[], name = "tokyo") => ({ name, kubernetesVersion: "1.36.3", objects });
const judge = (subjects: Subjects, judging: Partial<EvaluateOptions> = {}, rules: readonly Rule[] = toyRules) =>
  evaluate(rules, subjects, { ...plain, ...judging });
const short = ({ rule, severity, cluster: at, object, path }: Finding): string =>
  `${severity} ${rule} ${at ?? "-"} ${object?.name ?? "-"} ${path}`;

const kept = { toy: "kept" };
const lost = { toy: "lost" };

describe("what is asked", () => {
  test("rules about objects once an object, about clusters once a cluster, about fleets of the fleet", () => {
    const report = judge({
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

  test("context is known to the rules, and not judged", () => {
    const { findings, objects } = judge({
      clusters: [{ ...cluster([toy("a", { ...kept, pair: "1" })]), context: [toy("b", { ...lost, pair: "1" })] }],
    });
    expect(findings.map(short)).toEqual(["warning unpaired tokyo a metadata.labels.pair"]);
    expect(objects).toBe(1);
  });

  test("single rules, when they are named; one that is not there, or has nothing to look at, is an error", () => {
    const subjects = { clusters: [cluster([toy("a", { ...lost, pair: "1" }), toy("b", { ...kept, pair: "1" })])] };
    expect(judge(subjects, { only: ["unpaired"] }).findings.map(({ rule }) => rule)).toEqual(["unpaired", "unpaired"]);
    expect(() => judge(subjects, { only: ["unpared", "cloudy", "named"] })).toThrow(
      new RangeError(
        [
          'rule: unknown rule "unpared": did you mean "unpaired"? (must be one of: labelled, matches-schema, unpaired)',
          'rule: got "cloudy", which looks at the cloud\'s resources, which only a plan knows',
          'rule: got "named", which looks at a whole fleet, and none is judged here',
        ].join("\n"),
      ),
    );
  });

  test("a policy's own rules, and severities by environment, which go before those of every environment", () => {
    const own: ObjectRule = { ...labelled, id: "own", severity: "info" };
    const policy = {
      rules: [own],
      severities: { default: { labelled: "warning", unpaired: "off" }, local: { labelled: "info" } },
    } as const;
    const subjects = { clusters: [cluster([toy("a", { ...lost, pair: "1" }), toy("b", { ...kept, pair: "1" })])] };
    expect(judge(subjects, { policy }).findings.map(short)).toEqual([
      "info labelled tokyo a metadata.labels.toy",
      "info own tokyo a metadata.labels.toy",
    ]);
    const elsewhere = judge(subjects, { policy, environment: "production" });
    expect(elsewhere.findings.map(short)[0]).toBe("warning labelled tokyo a metadata.labels.toy");
    expect(elsewhere.rules.map(({ id, severity }) => `${id} ${severity}`)).toEqual([
      "matches-schema error",
      "labelled warning",
      "own info",
    ]);
  });
});

describe("order", () => {
  test("is that of cluster, kind, namespace, name, rule and path, and the same for any order of the input", () => {
    const many: ObjectRule = {
      ...labelled,
      id: "many",
      check: () => ["spec[10]", "spec[9]", "spec.a"].map((path) => ({ path, message: "is here" })),
    };
    const objects = [toy("b", kept), toy("a", kept, "z"), toy("a", kept)];
    const forwards = judge({ clusters: [cluster(objects), cluster(objects, "oslo")] }, {}, [many]);
    const backwards = judge(
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
  test("on an object that the schema finds malformed is named there, and hides nothing about the others", () => {
    const { findings } = judge({
      clusters: [cluster([toy("a", { ...lost, pair: "1" }), toy("b"), toy("c", { ...kept, pair: "1" })])],
    });
    expect(findings.map(short)).toEqual([
      "error labelled tokyo a metadata.labels.toy",
      "warning unpaired tokyo a metadata.labels.pair",
      "error matches-schema tokyo b metadata.labels",
      "warning unpaired tokyo c metadata.labels.pair",
    ]);
    expect(findings[2]!.message).toBe("missing; so malformed that unpaired, labelled could not look at it");
  });

  test("on anything else is an error of its own, whatever its severity", () => {
    const careless = [labelled, { ...unpaired, severity: "info" as const }];
    const { findings, rules } = judge({ clusters: [cluster([toy("b"), toy("c", kept)])] }, {}, careless);
    expect(findings.map(short)).toEqual(["error rule-failed tokyo - ", "error rule-failed tokyo b "]);
    expect(findings[1]!.message).toBe(
      "rule labelled failed: TypeError: Cannot read properties of undefined (reading 'toy')",
    );
    expect(rules.map(({ id }) => id)).toEqual(["labelled", "unpaired", "rule-failed"]);
  });

  test.each([
    ["gives nothing", undefined],
    ["gives a violation without a path", [{ message: "is here" }]],
    ["gives a violation that is none", [null]],
  ])("because it %s", (_name, given) => {
    const odd = { ...labelled, check: () => given } as unknown as ObjectRule;
    expect(judge({ clusters: [cluster([toy("a", kept)])] }, {}, [odd]).findings[0]!.message).toBe(
      "rule labelled failed: gave no list of violations with path and message",
    );
  });

  test("because it speaks of an object that it was not given", () => {
    const odd = { ...unpaired, check: () => [{ object: toy("z"), path: "", message: "is here" }] };
    expect(judge({ clusters: [cluster([toy("a", kept)])] }, {}, [odd]).findings[0]!.message).toBe(
      "rule unpaired failed: found something about an object that it was not given",
    );
  });

  test("does not quote what it could not parse, which may be a secret", () => {
    const parsing = { ...labelled, check: () => JSON.parse("hunter2") as [] };
    const { findings } = judge({ clusters: [cluster([toy("a", kept)])] }, {}, [parsing]);
    expect(findings[0]!.message).toBe("rule labelled failed: SyntaxError");
  });
});

describe("places", () => {
  test("of an object, the fleet and the policy stand with what is found there", () => {
    const { findings } = judge(
      { fleet: smallFleet, clusters: [cluster([toy("a", lost)])] },
      {
        policy: { waivers: [{ rule: "unpaired", reason: "why not", expires: "2026-12-01" }] },
        places: {
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

describe("a policy that cannot be used", () => {
  test("is refused with every problem at once", () => {
    const policy = {
      rules: [{ ...labelled }, { ...labelled, id: "Own Rule", check: "nothing" }, { subject: "object", id: "own" }],
      severities: { local: { labeled: "warning", unpaired: "fatal", "rule-failed": "off" } },
      waivers: [
        { rule: "unpared", reason: " ", expires: "2026-02-30" },
        { rule: "unpaired", reason: "why not", expires: "31.12.2026", object: "toys", until: "tomorrow" },
      ],
      waiver: [],
    };
    expect(policyProblems(policy, toyRules).map(({ path, message }) => `${path}: ${message}`)).toMatchInlineSnapshot(`
     [
       "rules[1].id: must consist of lower case letters, digits and single hyphens, got "Own Rule"",
       "rules[1].check: must be a function, got "nothing"",
       "rules[2].title: missing required field, must be a string",
       "rules[2].why: missing required field, must be a string",
       "rules[2].severity: must be one of: error, warning, info; got nothing",
       "rules[2].remedy: missing required field, must be a string",
       "rules[2].check: must be a function, got nothing",
       "severities.local.unpaired: must be one of: error, warning, info, off; got "fatal"",
       "waivers[0].reason: must not be empty, got " "",
       "waivers[0].expires: must be a date such as 2027-03-31, got "2026-02-30"",
       "waivers[1].object: must be Kind/name or Kind/namespace/name, where * matches any text within a part, got "toys"",
       "waivers[1].expires: must be a date such as 2027-03-31, got "31.12.2026"",
       "waivers[1].until: unknown field",
       "waiver: unknown field: did you mean "waivers"?",
       "rules[0].id: got "labelled", which Skerry brings itself: choose another",
       "severities.local.labeled: unknown rule "labeled": did you mean "labelled"? (must be one of: "Own Rule", cloudy, labelled, manifest-unreadable, matches-schema, named, own, unpaired, waiver-expired, waiver-lasting, waiver-unused)",
       "severities.local.rule-failed: unknown rule "rule-failed" (must be one of: "Own Rule", cloudy, labelled, manifest-unreadable, matches-schema, named, own, unpaired, waiver-expired, waiver-lasting, waiver-unused)",
       "waivers[0].rule: unknown rule "unpared": did you mean "unpaired"? (must be one of: "Own Rule", cloudy, labelled, matches-schema, named, own, unpaired)",
     ]
    `);
    expect(() => judge({ clusters: [] }, { policy: policy as never })).toThrow(PolicyError);
  });

  test("is anything but a mapping", () => {
    expect(policyProblems("policy", toyRules)).toEqual([{ path: "", message: 'must be a mapping, got "policy"' }]);
  });
});
