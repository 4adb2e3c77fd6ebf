import fc from "fast-check";

import { mayRunOn, nodePools, selects } from "../../../policies/kubernetes/nodes";
import { podRequests } from "../../../policies/kubernetes/requests";
import { matchesSelector, Selectors } from "../../../policies/kubernetes/selectors";
import { tolerates } from "../../../policies/kubernetes/tolerations";
import { podMakers } from "../../../policies/kubernetes/workloads";
import { app, gateways, iot, pool } from "./cluster-cases/case";

const maker = (...args: Parameters<typeof app>) => podMakers([app(...args)])[0]!;
const [labelled] = nodePools([pool("a", { cores: "8", odd: "8x", "edge-region": "tokyo" })]);

describe("a toleration", () => {
  const taint = { key: "dedicated", value: "iot", effect: "NoSchedule" };

  test.each([
    [{ key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" }, true],
    [{ key: "dedicated", value: "iot" }, true],
    [{ key: "dedicated", operator: "", value: "iot" }, true],
    [{ key: "dedicated", operator: "Exists" }, true],
    [{ operator: "Exists" }, true],
    [{ operator: "Exists", effect: "NoExecute" }, false],
    [{ key: "dedicated", operator: "Exists", effect: "NoExecute" }, false],
    [{ key: "dedicated", value: "ai" }, false],
    [{ key: "dedicated" }, false],
    [{ key: "other", operator: "Exists" }, false],
    [{ key: "dedicated", operator: "exists" }, false],
    [{ key: "dedicated", operator: "Gt", value: "0" }, false],
  ])("%o matches: %s", (toleration, matches) => expect(tolerates(toleration, taint)).toBe(matches));
});

describe("a required affinity", () => {
  const selectsPool = (...nodeSelectorTerms: readonly object[]): boolean =>
    selects(
      maker("example", {
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      }),
      labelled!,
    );
  const term = (key: string, operator: string, ...values: readonly string[]): object => ({
    matchExpressions: [{ key, operator, values }],
  });

  test.each([
    [term("device-type", "In", "raspberry-pi-5", "jetson"), true],
    [term("device-type", "In", "jetson"), false],
    [term("absent", "In", "a"), false],
    [term("device-type", "NotIn", "jetson"), true],
    [term("device-type", "NotIn", "raspberry-pi-5"), false],
    [term("absent", "NotIn", "a"), true],
    [term("device-type", "Exists"), true],
    [term("absent", "Exists"), false],
    [term("device-type", "DoesNotExist"), false],
    [term("absent", "DoesNotExist"), true],
    [term("toString", "Exists"), false],
    [term("cores", "Gt", "4"), true],
    [term("cores", "Gt", "8"), false],
    [term("cores", "Lt", "16"), true],
    [term("cores", "Lt", "8"), false],
    [term("cores", "Gt", "4", "5"), false],
    [term("odd", "Gt", "4"), false],
    [term("absent", "Lt", "4"), false],
    [term("kubernetes.io/hostname", "In", "tokyo-gw-01"), true],
    [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a-01"] }] }, true],
    [{}, false],
    [{ matchExpressions: [] }, false],
  ])("%o selects the pool: %s", (single, expected) => expect(selectsPool(single)).toBe(expected));

  test("ORs its terms and ANDs the expressions of a term", () => {
    const no = term("absent", "Exists");
    const yes = term("device-type", "Exists");
    expect(selectsPool(no, yes)).toBe(true);
    expect(selectsPool(no, no)).toBe(false);
    expect(selectsPool()).toBe(false);
    const both = {
      matchExpressions: [no, yes].flatMap((each) => (each as { matchExpressions: object[] }).matchExpressions),
    };
    expect(selectsPool(both)).toBe(false);
  });
});

test("a required region matches only the edge region label", () => {
  const [cloud, edge, sydney] = nodePools([
    pool("cloud", { "edge-region": undefined }),
    pool("edge"),
    pool("sydney", { "edge-region": "sydney" }),
  ]);
  const demand = { labels: { "required-region": "tokyo" } };
  expect([cloud, edge, sydney].map((each) => selects(maker("a", {}, demand), each!))).toEqual([false, true, false]);
  const fallback = { ...demand, annotations: { "skerry.dev/fallback-regions": "osaka, sydney" } };
  expect([cloud, edge, sydney].map((each) => selects(maker("a", {}, fallback), each!))).toEqual([false, true, true]);
});

test("a pod may run on nodes that it selects and whose taints it tolerates", () => {
  const [gw] = nodePools([gateways("gw")]);
  expect(mayRunOn(maker("a"), gw!)).toBe(false);
  expect(mayRunOn(maker("a", { tolerations: [iot] }), gw!)).toBe(true);
  expect(mayRunOn(maker("a", { tolerations: [iot], nodeSelector: { "device-type": "other" } }), gw!)).toBe(false);
});

test("requests equal those that the scheduler reserves", () => {
  const needs = (cpu: string, memory: string, rest: object = {}) => ({
    resources: { requests: { cpu, memory } },
    ...rest,
  });
  const pod = (fields: object) => podRequests(fields as Parameters<typeof podRequests>[0]);
  expect(pod({ containers: [needs("250m", "64Mi"), needs("1", "1Gi")] })).toEqual({ cpuCores: 1.25, memoryMiB: 1088 });
  expect(pod({ containers: [{ resources: { limits: { cpu: 2, memory: "1Mi" } } }, {}] })).toEqual({
    cpuCores: 2,
    memoryMiB: 1,
  });
  const start = [needs("1", "1Mi", { restartPolicy: "Always" }), needs("3", "1Mi"), needs("500m", "9Mi")];
  expect(pod({ initContainers: start, containers: [needs("2", "4Mi")] })).toEqual({ cpuCores: 4, memoryMiB: 10 });
  expect(pod({ initContainers: start, containers: [needs("4", "20Mi")] })).toEqual({ cpuCores: 5, memoryMiB: 21 });
  expect(
    pod({
      containers: [needs("1", "1Mi")],
      resources: { requests: { cpu: "6" } },
      overhead: { cpu: "250m", memory: "2Mi" },
    }),
  ).toEqual({ cpuCores: 6.25, memoryMiB: 3 });
});

test("Selectors finds the same items as matching each selector", () => {
  const word = fc.constantFrom("a", "b", "c");
  const labels = fc.dictionary(word, word, { maxKeys: 3 });
  const expression = fc.record({
    key: word,
    operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
    values: fc.array(word, { maxLength: 2 }),
  });
  const selector = fc.record(
    { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ selector, namespace: word }), { maxLength: 8 }),
      word,
      labels,
      (items, namespace, pod) => {
        const all = items.map((each, item) => ({ ...each, item }));
        const expected = all.filter((each) => each.namespace === namespace && matchesSelector(each.selector, pod));
        expect(new Selectors(all).matching(namespace, pod).sort()).toEqual(expected.map(({ item }) => item).sort());
      },
    ),
  );
});
