import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { ClusterRule, FleetRule, ObjectRule, ResourceRule, Severity } from "../../../policies/engine/rule";
import { objectOf } from "../../../policies/plan/contents";
import { deserializeOnce, type DeserializeModule } from "../../../policies/plan/deserialize-once";
import { planPolicies } from "../../../policies/plan/policies";
import { imagesPinned } from "../../../policies/rules/images-pinned";
import { matchesSchema } from "../../../policies/rules/matches-schema";
import { container, podSpec, workload } from "./cases/case";
import { runPlan, UNKNOWN } from "./run-plan";

const metadata = { title: "Toy", why: "It is a toy", severity: "error", remedy: "Fix it." } as const;
const today = "2026-11-24";
const POD = "kubernetes:core/v1:Pod";
const INSTANCE = "aws:ec2/instance:Instance";

const unpinned = workload("Pod", podSpec({ containers: [container({ image: "nginx" })] }));

describe("a rule on objects", () => {
  const policies = planPolicies([imagesPinned], { today });

  test("stops the plan of an object that violates it, with the remedy", () => {
    const [violation, ...more] = runPlan(policies, [{ type: POD, props: unpinned }]);
    expect(more).toEqual([]);
    expect(violation).toMatchObject({ policy: "images-pinned", level: "mandatory", urn: "it" });
    expect(violation!.message).toMatch(
      /^Pod telemetry\/example: spec\.containers\[0\]\.image: must be an image with .*, got "nginx"/,
    );
    expect(violation!.message).toContain(imagesPinned.remedy);
  });

  test.each([
    ["an object that keeps it", POD, workload("Pod")],
    ["resources that are not objects", "kubernetes:yaml/v2:ConfigGroup", unpinned],
    ["resources of other providers", INSTANCE, unpinned],
    ["an unknown value", POD, workload("Pod", podSpec({ containers: [container({ image: UNKNOWN })] }))],
  ])("ignores %s", (_what, type, props) => expect(runPlan(policies, [{ type, props }])).toEqual([]));

  test("is waived in the waiver's cluster until the waiver expires", () => {
    const waiver = { rule: "images-pinned", object: "Pod/telemetry/*", cluster: "tokyo", reason: "being rebuilt" };
    const policy = { waivers: [{ ...waiver, expires: today }] };
    const violated = (date: string, provider: string): string[] =>
      runPlan(planPolicies([imagesPinned], { policy, today: date }), [{ type: POD, props: unpinned, provider }]).map(
        (violation) => violation.policy,
      );
    expect(violated(today, "tokyo-api")).toEqual([]);
    expect(violated(today, "osaka-api")).toEqual(["images-pinned"]);
    expect(violated("2026-11-25", "tokyo-api")).toEqual(["images-pinned", "waiver-expired"]);
  });

  test("has the severity of the environment", () => {
    const level = (severity: Severity | "off") =>
      planPolicies([imagesPinned], {
        policy: { severities: { production: { "images-pinned": severity } } },
        environment: "production",
        today,
      })[1]!.enforcementLevel;
    expect([level("warning"), level("info"), level("off")]).toEqual(["advisory", "disabled", "disabled"]);
  });

  test("is called with the object and the date only", () => {
    const seen: unknown[] = [];
    const rule: ObjectRule = { ...metadata, subject: "object", id: "toy", check: (...args) => (seen.push(args), []) };
    runPlan(planPolicies([rule], { today }).slice(0, 2), [{ type: POD, props: workload("Pod") }]);
    expect(seen).toContainEqual([workload("Pod"), { today }]);
    expect(new Set(seen.map((args) => JSON.stringify(args))).size).toBe(1);
  });
});

test("a rule on cloud resources checks resources of its types", () => {
  const rule: ResourceRule = {
    ...metadata,
    subject: "resource",
    id: "toy",
    types: [INSTANCE],
    check: ({ props }) => (props.open === true ? [{ path: "open", message: "got true" }] : []),
  };
  const violations = runPlan(planPolicies([rule], { today }), [
    { urn: "a", type: INSTANCE, props: { open: true } },
    { urn: "b", type: "aws:s3/bucket:Bucket", props: { open: true } },
    { urn: "c", type: INSTANCE, props: { open: UNKNOWN } },
  ]);
  expect(violations).toEqual([{ policy: "toy", level: "mandatory", message: "open: got true\nFix it.", urn: "a" }]);
});

describe("a rule on clusters", () => {
  const counting: ClusterRule = {
    ...metadata,
    subject: "cluster",
    id: "toy",
    check: ({ objects }) =>
      objects.length > 1 ? [{ object: objects[1]!, path: "spec", message: `one of ${objects.length}` }] : [],
  };

  test("sees the objects of each provider together", () => {
    const resource = (urn: string, provider: string) => ({
      type: POD,
      urn,
      provider,
      props: { ...workload("Pod"), metadata: { name: urn }, status: {}, __fieldManager: "pulumi" },
    });
    const violations = runPlan(planPolicies([counting], { today }), [
      resource("a", "tokyo-api"),
      resource("b", "osaka-api"),
      resource("c", "tokyo-api"),
      { type: "pulumi:pulumi:Stack", urn: "stack", props: {} },
    ]);
    expect(violations).toEqual([
      { policy: "toy", level: "mandatory", message: "Pod c: spec: one of 2\nFix it.", urn: "c" },
    ]);
  });

  test("sees the inputs of objects whose cluster does not exist yet", () => {
    const seen: unknown[] = [];
    const rule: ClusterRule = { ...counting, check: ({ objects }) => (seen.push(...objects), []) };
    runPlan(planPolicies([rule], { today }), [{ type: POD, props: unpinned, outputs: {}, provider: "tokyo-api" }]);
    expect(seen).toEqual([unpinned]);
  });
});

describe("a rule that throws", () => {
  const onObjects: ObjectRule = {
    ...metadata,
    severity: "info",
    subject: "object",
    id: "careless",
    check: (object) =>
      Object.values((object as { data?: Record<string, string> }).data!).flatMap((text) => (text.trim(), [])),
  };
  const configMap = (name: string, fields: object) => ({
    type: "kubernetes:core/v1:ConfigMap",
    urn: name,
    props: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...fields },
  });

  test("on an object or a cloud resource stops the plan, whatever the rule's severity", () => {
    const onResources: ResourceRule = {
      ...metadata,
      subject: "resource",
      id: "cloudy",
      types: [INSTANCE],
      check: () => {
        throw new Error("no cloud");
      },
    };
    const violations = runPlan(planPolicies([onObjects, onResources], { today }), [
      configMap("a", {}),
      { type: INSTANCE, urn: "b", props: {} },
    ]);
    expect(violations.map(({ policy, level, urn }) => [policy, level, urn])).toEqual([
      ["rule-failed", "mandatory", "b"],
      ["rule-failed", "mandatory", "a"],
    ]);
    expect(violations[0]!.message).toMatch(/^rule cloudy failed: Error: no cloud\n/);
    expect(violations[1]!.message).toMatch(/^ConfigMap a: rule careless failed: TypeError/);
  });

  test("on a malformed object is named in the schema violation", () => {
    const policies = planPolicies([matchesSchema, onObjects], { today });
    const violations = runPlan(policies, [configMap("a", { data: { size: 5 } })]);
    expect(violations.map(({ policy, urn }) => [policy, urn])).toEqual([["matches-schema", "a"]]);
    expect(violations[0]!.message).toContain("rules that cannot check this malformed object: careless");
  });

  test("because a required value is unknown is not reported", () => {
    const onContainers: ObjectRule = {
      ...onObjects,
      check: (object) => (object as { spec?: { containers?: unknown[] } }).spec!.containers!.flatMap(() => []),
    };
    const policies = planPolicies([matchesSchema, onContainers], { today });
    expect(runPlan(policies, [{ type: POD, props: workload("Pod", { containers: UNKNOWN }) }])).toEqual([]);
  });
});

test("a team's own rules are policies too, and an invalid policy is rejected", () => {
  const own: ObjectRule = { ...metadata, subject: "object", id: "own", check: () => [{ path: "", message: "got it" }] };
  const policies = planPolicies([imagesPinned], { policy: { rules: [own] }, today });
  expect(runPlan(policies, [{ type: POD, props: workload("Pod") }])).toMatchObject([
    { policy: "own", message: "Pod telemetry/example: got it\nFix it." },
  ]);
  const invalid = { severities: { default: { "images-pined": "off" as const } } };
  expect(() => planPolicies([imagesPinned], { policy: invalid, today })).toThrow(/did you mean "images-pinned"/);
});

test("a rule on fleets is not a policy of the plan", () => {
  const rule: FleetRule = { ...metadata, subject: "fleet", id: "toy", check: () => [] };
  expect(planPolicies([rule], { today }).map(({ name }) => name)).toEqual([
    "plan-read",
    "rule-failed",
    "waiver-expired",
    "waiver-lasting",
  ]);
});

test("fields that the provider adds to an object are removed", () => {
  const added = { ...workload("Pod"), status: { phase: "Running" }, __initialApiVersion: "v1" };
  expect(objectOf(POD, added)).toEqual(workload("Pod"));
  expect(objectOf(POD, { ...workload("Pod"), metadata: {} })).toBeUndefined();
});

test("the pack has the project's version", () => {
  const version = (file: string) =>
    (JSON.parse(readFileSync(join(__dirname, "../../..", file), "utf8")) as { version: string }).version;
  expect(version("policies/package.json")).toBe(version("package.json"));
});

describe("properties of a resource", () => {
  const properties = { protobuf: true };

  test("are read once for all policies", () => {
    const deserializeProperties = jest.fn((read: object) => ({ ...read }));
    const module: DeserializeModule = { deserializeProperties };
    deserializeOnce(module);
    const first = module.deserializeProperties(properties, false);
    expect(module.deserializeProperties(properties, false)).toBe(first);
    expect(deserializeProperties).toHaveBeenCalledTimes(1);
    expect(module.deserializeProperties({ ...properties }, false)).not.toBe(first);
  });

  test("are read again for remediations, which change them", () => {
    const module: DeserializeModule = { deserializeProperties: (read) => ({ ...read }) };
    deserializeOnce(module);
    expect(module.deserializeProperties(properties, true)).not.toBe(module.deserializeProperties(properties, true));
  });

  test("are read by a function that @pulumi/policy exports", () => {
    const { deserializeProperties } = jest.requireActual<Partial<DeserializeModule>>("@pulumi/policy/deserialize");
    expect(typeof deserializeProperties).toBe("function");
  });
});
