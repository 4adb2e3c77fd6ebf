import fc from "fast-check";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { evaluate } from "../../../policies/engine/evaluate";
import { planPolicies } from "../../../policies/plan/policies";
import type { ObjectRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { withoutNulls } from "../../../policies/schema/nulls";
import { corpus } from "./cases/corpus";
import { runPlan } from "./run-plan";

const judge = (objects: readonly KubeObject[]) =>
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects }] },
    { environment: "default", today: "2026-11-24" },
  ).findings;

type Fields = Readonly<Record<string, unknown>>;

/** Mappings whose keys are data: null there is an empty value, and none the less there. */
const FREE =
  /^(labels|annotations|matchLabels|nodeSelector|selector|data|binaryData|stringData|requests|limits|hard|parameters)$/;

/** Places of fields in a value, but for those of free keys and what an object is told by. */
function fields(value: unknown, steps: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  const free =
    !Array.isArray(value) && FREE.test(steps.at(-1) ?? "") && !("matchLabels" in value || "matchExpressions" in value);
  return Object.entries(value).flatMap(([key, each]) => {
    const path = [...steps, key];
    return [...(Array.isArray(value) || free ? [] : [path]), ...fields(each, path)];
  });
}

function withPut(value: unknown, [step, ...rest]: readonly string[], put: null | undefined): unknown {
  if (step === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  const next = withPut(copy[step], rest, put);
  if (next === undefined) delete copy[step];
  else copy[step] = next;
  return copy;
}

test("null in any field gives the findings that its absence gives", () => {
  const told = /^(apiVersion|kind|metadata|metadata\.name)$/;
  const objects = corpus.map(({ object }) => object);
  fc.assert(
    fc.property(fc.constantFrom(...objects), fc.nat(), (object, nth) => {
      const places = fields(object).filter((steps) => !told.test(steps.join(".")));
      fc.pre(places.length > 0);
      const steps = places[nth % places.length]!;
      const [empty, absent] = [null, undefined].map((put) => judge([withPut(object, steps, put) as KubeObject]));
      expect(empty).toEqual(absent);
    }),
    { numRuns: 600, seed: 1 },
  );
});

/** Every field that a Deployment's pods may have, as charts render it where a value is left empty. */
test("null in fields that are not there changes nothing", () => {
  const pod =
    "affinity dnsConfig ephemeralContainers hostAliases imagePullSecrets initContainers nodeSelector overhead readinessGates resourceClaims schedulingGates securityContext tolerations topologySpreadConstraints volumes".split(
      " ",
    );
  const container =
    "args command env envFrom lifecycle livenessProbe ports readinessProbe resizePolicy resources securityContext startupProbe volumeDevices volumeMounts".split(
      " ",
    );
  const nulls = (names: readonly string[]): Fields => Object.fromEntries(names.map((name) => [name, null]));
  const deployment = (inPod: Fields, inContainer: Fields): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "example" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "a" } },
      template: {
        metadata: { labels: { app: "a" } },
        spec: { ...inPod, containers: [{ name: "a", image: "a:1", ...inContainer }] },
      },
    },
  });
  const plain = judge([deployment({}, {})]);
  for (const name of pod) expect([name, judge([deployment(nulls([name]), {})])]).toEqual([name, plain]);
  for (const name of container) expect([name, judge([deployment({}, nulls([name]))])]).toEqual([name, plain]);
  expect(judge([deployment(nulls(pod), nulls(container))])).toEqual(plain);
});

const decoded = (object: Fields, ...others: Fields[]): unknown =>
  withoutNulls([object, ...others] as unknown as KubeObject[], "1.36.3")[0];

test("in free keys and in lists, null is the empty value", () => {
  const metadata = { name: "a" };
  expect(decoded({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: null }, immutable: null })).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: { a: "" },
  });
  const spec = { containers: [null, { args: [null], resources: { limits: { cpu: null } } }], tolerations: [null] };
  expect(decoded({ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, labels: { a: null } }, spec })).toEqual({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, labels: { a: "" } },
    spec: { containers: [{}, { args: [""], resources: { limits: { cpu: "0" } } }], tolerations: [{}] },
  });
});

test("a custom kind keeps the null that its definition allows", () => {
  const field = (more: Fields): Fields => ({ type: "string", ...more });
  const properties = {
    kept: field({ nullable: true }),
    dropped: field({}),
    free: { type: "object", additionalProperties: field({}) },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  const openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties } } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "robots.example.com" },
    spec: { group: "example.com", names: { kind: "Robot" }, versions: [{ name: "v1", schema: { openAPIV3Schema } }] },
  };
  const robot = {
    apiVersion: "example.com/v1",
    kind: "Robot",
    metadata: { name: "a", annotations: null },
    spec: { kept: null, dropped: null, free: { a: null, b: "c" }, open: { a: null } },
  };
  const expected = { ...robot, metadata: { name: "a" }, spec: { kept: null, free: { b: "c" }, open: { a: null } } };
  expect(decoded(robot, definition)).toEqual(expected);
  expect(decoded(robot)).toEqual({ ...expected, spec: { free: { b: "c" }, open: {} } });
});

test("an object without null is given back as it is", () => {
  const object = corpus[0]!.object;
  expect(withoutNulls([object], "1.36.3")[0]).toBe(object);
});

test("findings lead to the object as it was given", () => {
  const given = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a" },
    spec: { containers: [{ name: "a", image: "b", env: null }] },
  };
  const asked: unknown[] = [];
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects: [given] }] },
    {
      environment: "default",
      today: "2026-11-24",
      places: { object: (object) => (asked.push(object), {}) },
    },
  );
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every((object) => object === given)).toBe(true);
});

test("the plan is asked without nulls too", () => {
  const seen: unknown[] = [];
  const rule = {
    subject: "object",
    id: "seen",
    title: "t",
    why: "w",
    severity: "error",
    remedy: "r",
    check: (object) => (seen.push(object), []),
  } satisfies ObjectRule;
  const policies = planPolicies([rule], { today: "2026-11-24" });
  const props = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { tolerations: null } };
  runPlan(policies, [{ type: "kubernetes:core/v1:Pod", props }]);
  // On the object by itself, and with the whole stack.
  expect(seen).toEqual([
    { ...props, spec: {} },
    { ...props, spec: {} },
  ]);
});

test("an object that is nested too deeply is judged all the same", () => {
  let deep: unknown = null;
  for (let level = 0; level < 100_000; level += 1) deep = { a: deep };
  const object = { apiVersion: "example.com/v1", kind: "Deep", metadata: { name: "a" }, spec: deep };
  expect(judge([object as KubeObject]).map(({ rule }) => rule)).toEqual(["matches-schema"]);
});
