import fc from "fast-check";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { evaluate } from "../../../policies/engine/evaluate";
import { planPolicies } from "../../../policies/plan/policies";
import type { ObjectRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { withoutNulls } from "../../../policies/schema/nulls";
import { corpus } from "./cases/corpus";
import { runPlan } from "./run-plan";

const evaluateObjects = (objects: readonly KubeObject[]) =>
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects }] },
    { environment: "default", today: "2026-11-24" },
  ).findings;

type Fields = Readonly<Record<string, unknown>>;

/** Maps, in which null is an empty value instead of absent. */
const MAPS =
  /^(labels|annotations|matchLabels|nodeSelector|selector|data|binaryData|stringData|requests|limits|hard|parameters)$/;

/** Returns the paths of all fields in a value, without the keys of maps. */
function fields(value: unknown, steps: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  const isMap =
    !Array.isArray(value) && MAPS.test(steps.at(-1) ?? "") && !("matchLabels" in value || "matchExpressions" in value);
  return Object.entries(value).flatMap(([key, each]) => {
    const path = [...steps, key];
    return [...(Array.isArray(value) || isMap ? [] : [path]), ...fields(each, path)];
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

test("null in a field has the same findings as its absence", () => {
  const identifying = /^(apiVersion|kind|metadata|metadata\.name)$/;
  const objects = corpus.map(({ object }) => object);
  fc.assert(
    fc.property(fc.constantFrom(...objects), fc.nat(), (object, nth) => {
      const places = fields(object).filter((steps) => !identifying.test(steps.join(".")));
      fc.pre(places.length > 0);
      const steps = places[nth % places.length]!;
      const [empty, absent] = [null, undefined].map((put) =>
        evaluateObjects([withPut(object, steps, put) as KubeObject]),
      );
      expect(empty).toEqual(absent);
    }),
    { numRuns: 600, seed: 1 },
  );
});

// Charts render null for values that are not set.
test("null in the optional fields of a Deployment changes nothing", () => {
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
  const plain = evaluateObjects([deployment({}, {})]);
  for (const name of pod) expect([name, evaluateObjects([deployment(nulls([name]), {})])]).toEqual([name, plain]);
  for (const name of container) expect([name, evaluateObjects([deployment({}, nulls([name]))])]).toEqual([name, plain]);
  expect(evaluateObjects([deployment(nulls(pod), nulls(container))])).toEqual(plain);
});

const decoded = (object: Fields, ...others: Fields[]): unknown =>
  withoutNulls([object, ...others] as unknown as KubeObject[], "1.36.3")[0];

test("null is the empty value in maps and lists", () => {
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

test("keeps null in nullable fields of custom kinds", () => {
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

test("returns objects without null unchanged", () => {
  const object = corpus[0]!.object;
  expect(withoutNulls([object], "1.36.3")[0]).toBe(object);
});

test("locates findings in the original object", () => {
  const original = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a" },
    spec: { containers: [{ name: "a", image: "b", env: null }] },
  };
  const located: unknown[] = [];
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects: [original] }] },
    {
      environment: "default",
      today: "2026-11-24",
      locator: { object: (object) => (located.push(object), {}) },
    },
  );
  expect(located.length).toBeGreaterThan(0);
  expect(located.every((object) => object === original)).toBe(true);
});

test("decodes null in a plan", () => {
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

test("evaluates an object that is nested too deeply", () => {
  let deep: unknown = null;
  for (let level = 0; level < 100_000; level += 1) deep = { a: deep };
  const object = { apiVersion: "example.com/v1", kind: "Deep", metadata: { name: "a" }, spec: deep };
  expect(evaluateObjects([object as KubeObject]).map(({ rule }) => rule)).toEqual(["matches-schema"]);
});
