import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";

import { deserializeOnce, type Deserializing } from "../../../policies/plan/deserialize-once";
import { objectOf } from "../../../policies/plan/kubernetes";
import { planPolicies } from "../../../policies/plan/policies";
import type { ClusterRule, FleetRule, ObjectRule, ResourceRule } from "../../../policies/engine/rule";
import { imagesPinned } from "../../../policies/rules/images-pinned";
import { container, podSpec, workload } from "./cases/case";

/** The package's own reader of what the engine sends, which its types leave out. */
const { unknownCheckingProxy, unknownStringValue } = jest.requireActual<{
  unknownCheckingProxy: (props: unknown) => Record<string, unknown>;
  unknownStringValue: string;
}>("@pulumi/policy/proxy");

const stated = { title: "Toy", why: "To be broken", severity: "error", remedy: "Mend it." } as const;
const today = "2026-11-24";
const POD = "kubernetes:core/v1:Pod";

/** Hands properties out as the engine does: a look at what is not known yet throws. */
const props = (plain: unknown): Record<string, unknown> => unknownCheckingProxy(JSON.parse(JSON.stringify(plain)));

function asked(policy: unknown, type: string, plain: unknown, provider?: string): string[] {
  const said: string[] = [];
  const validate = (policy as ResourceValidationPolicy).validateResource as (
    args: ResourceValidationArgs,
    report: (message: string) => void,
  ) => void;
  const args = { type, name: "it", urn: "it", props: props(plain), provider: provider && { name: provider } };
  validate(args as unknown as ResourceValidationArgs, (message) => said.push(message));
  return said;
}

const unpinned = workload("Pod", podSpec({ containers: [container({ image: "nginx" })] }));

describe("a rule on objects", () => {
  const [, policy] = planPolicies([imagesPinned], { today });

  test("stops the plan of an object that breaks it, and says what to do", () => {
    expect(policy).toMatchObject({ name: "images-pinned", enforcementLevel: "mandatory" });
    const [said, ...more] = asked(policy, POD, unpinned);
    expect(more).toEqual([]);
    expect(said).toMatch(/^Pod telemetry\/example: spec\.containers\[0\]\.image: must be an image .*, got "nginx"/);
    expect(said).toContain(imagesPinned.remedy);
  });

  test.each([
    ["an object that keeps it", POD, workload("Pod")],
    ["what is no object", "kubernetes:yaml/v2:ConfigGroup", unpinned],
    ["another provider's resource", "aws:ec2/instance:Instance", unpinned],
    [
      "a value that is not known yet",
      POD,
      workload("Pod", podSpec({ containers: [container({ image: unknownStringValue })] })),
    ],
  ])("says nothing of %s", (_what, type, plain) => expect(asked(policy, type, plain)).toEqual([]));

  test("says nothing of what is waived, for that cluster", () => {
    const waiver = { rule: "images-pinned", object: "Pod/telemetry/*", cluster: "tokyo", reason: "being rebuilt" };
    const policy = { waivers: [{ ...waiver, expires: today }] };
    const [, waiving] = planPolicies([imagesPinned], { policy, today });
    expect(asked(waiving, POD, unpinned, "tokyo-api")).toEqual([]);
    expect(asked(waiving, POD, unpinned, "osaka-api")).toHaveLength(1);
    const [, expired] = planPolicies([imagesPinned], { policy, today: "2026-11-25" });
    expect(asked(expired, POD, unpinned, "tokyo-api")).toHaveLength(1);
  });

  test("holds as the environment says", () => {
    const level = (severity: "warning" | "info" | "off") =>
      planPolicies([imagesPinned], {
        policy: { severities: { production: { "images-pinned": severity } } },
        environment: "production",
        today,
      })[1]!.enforcementLevel;
    expect([level("warning"), level("info"), level("off")]).toEqual(["advisory", "disabled", "disabled"]);
  });
});

test("a rule on cloud resources looks at its own types", () => {
  const rule: ResourceRule = {
    ...stated,
    subject: "resource",
    id: "toy",
    types: ["aws:ec2/instance:Instance"],
    check: ({ props: found }) => (found.open === true ? [{ path: "open", message: "got true" }] : []),
  };
  const [, policy] = planPolicies([rule], { today });
  expect(asked(policy, "aws:ec2/instance:Instance", { open: true })).toEqual(["open: got true\nMend it."]);
  expect(asked(policy, "aws:s3/bucket:Bucket", { open: true })).toEqual([]);
});

test("a rule on a cluster sees the objects of one provider together", () => {
  const rule: ClusterRule = {
    ...stated,
    subject: "cluster",
    id: "toy",
    check: ({ objects }) =>
      objects.length > 1 ? [{ object: objects[1]!, path: "spec", message: `one of ${objects.length}` }] : [],
  };
  const [, policy] = planPolicies([rule], { today });
  const resource = (urn: string, name: string, provider: string) => ({
    type: POD,
    urn,
    provider: { name: provider },
    props: props({ ...workload("Pod"), metadata: { name }, status: {}, __fieldManager: "pulumi" }),
  });
  const said: unknown[] = [];
  void (policy as StackValidationPolicy).validateStack(
    {
      resources: [
        resource("a", "a", "tokyo-api"),
        resource("b", "b", "osaka-api"),
        resource("c", "c", "tokyo-api"),
        { type: "pulumi:pulumi:Stack", urn: "stack", props: {} },
      ],
    } as never,
    (...report) => void said.push(report),
  );
  expect(said).toEqual([["Pod c: spec: one of 2\nMend it.", "c"]]);
});

test("of a cluster that is not there yet, what was asked of each resource is known", () => {
  const seen: unknown[] = [];
  const rule: ClusterRule = {
    ...stated,
    subject: "cluster",
    id: "toy",
    check: ({ objects }) => (seen.push(...objects), []),
  };
  const [reading, policy] = planPolicies([rule], { today });
  expect(asked(reading, POD, unpinned)).toEqual([]);
  const came = { type: POD, urn: "it", provider: { name: "tokyo-api" }, props: props({}) };
  void (policy as StackValidationPolicy).validateStack({ resources: [came] } as never, () => undefined);
  expect(seen).toEqual([unpinned]);
});

test("a team's own rules are held too, and a policy that cannot be used is refused", () => {
  const own: ObjectRule = { ...stated, subject: "object", id: "own", check: () => [{ path: "", message: "got it" }] };
  const [, , policy] = planPolicies([imagesPinned], { policy: { rules: [own] }, today });
  expect(asked(policy, POD, workload("Pod"))).toEqual(["Pod telemetry/example: got it\nMend it."]);
  const policyOfNoRule = { severities: { default: { "images-pined": "off" as const } } };
  expect(() => planPolicies([imagesPinned], { policy: policyOfNoRule, today })).toThrow(/did you mean "images-pinned"/);
});

test("a rule on the fleet has no place in the plan", () => {
  const rule: FleetRule = { ...stated, subject: "fleet", id: "toy", check: () => [] };
  expect(planPolicies([rule], { today }).map(({ name }) => name)).toEqual(["plan-read"]);
});

test("what the provider adds to an object is left out", () => {
  const added = { ...workload("Pod"), status: { phase: "Running" }, __initialApiVersion: "v1" };
  expect(objectOf(POD, added)).toEqual(workload("Pod"));
  expect(objectOf(POD, { ...workload("Pod"), metadata: {} })).toBeUndefined();
});

test("an object rule is asked about an object alone", () => {
  const seen: unknown[] = [];
  const rule: ObjectRule = { ...stated, subject: "object", id: "toy", check: (object) => (seen.push(object), []) };
  asked(planPolicies([rule], { today })[1], POD, workload("Pod"));
  expect(seen).toEqual([workload("Pod")]);
});

test("the pack has the version of the project", () => {
  const version = (file: string) =>
    (JSON.parse(readFileSync(join(__dirname, "../../..", file), "utf8")) as { version: string }).version;
  expect(version("policies/package.json")).toBe(version("package.json"));
});

describe("properties of a resource", () => {
  const given = { protobuf: true };

  test("are read once, however many policies look at them", () => {
    const deserializeProperties = jest.fn((properties: object) => ({ ...properties }));
    const module: Deserializing = { deserializeProperties };
    deserializeOnce(module);
    const first = module.deserializeProperties(given, false);
    expect(module.deserializeProperties(given, false)).toBe(first);
    expect(deserializeProperties).toHaveBeenCalledTimes(1);
    expect(module.deserializeProperties({ ...given }, false)).not.toBe(first);
  });

  test("are read anew for remediations, which change them", () => {
    const module: Deserializing = { deserializeProperties: (properties) => ({ ...properties }) };
    deserializeOnce(module);
    expect(module.deserializeProperties(given, true)).not.toBe(module.deserializeProperties(given, true));
  });

  test("are read by the function that is replaced", () => {
    const { deserializeProperties } = jest.requireActual<Partial<Deserializing>>("@pulumi/policy/deserialize");
    expect(typeof deserializeProperties).toBe("function");
  });
});
