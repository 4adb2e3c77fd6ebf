import { matchesNodeAffinity } from "../../../fleet/kubernetes/node-affinity";
import { fitsNode } from "../../../fleet/kubernetes/node-fit";

const node = { name: "edge-01", labels: { device: "pi", cores: "8", odd: "8x" }, taints: [] };
const podWith = (...nodeSelectorTerms: readonly object[]) => ({
  containers: [],
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [...nodeSelectorTerms] } },
  },
});
const term = (key: string, operator: string, ...values: readonly string[]): object => ({
  matchExpressions: [{ key, operator, values }],
});
const named = (operator: string, ...values: readonly string[]): object => ({
  matchFields: [{ key: "metadata.name", operator, values }],
});

test.each([
  [term("device", "In", "pi", "jetson"), true],
  [term("device", "In", "jetson"), false],
  [term("absent", "In", "a"), false],
  [term("device", "NotIn", "jetson"), true],
  [term("device", "NotIn", "pi"), false],
  [term("absent", "NotIn", "a"), true],
  [term("device", "Exists"), true],
  [term("absent", "Exists"), false],
  [term("device", "DoesNotExist"), false],
  [term("absent", "DoesNotExist"), true],
  [term("toString", "Exists"), false],
  [term("cores", "Gt", "4"), true],
  [term("cores", "Gt", "8"), false],
  [term("cores", "Lt", "16"), true],
  [term("cores", "Lt", "8"), false],
  [term("odd", "Gt", "4"), false],
  [term("absent", "Lt", "4"), false],
  [named("In", "edge-01"), true],
  [named("In", "edge-02"), false],
  [named("NotIn", "edge-02"), true],
  [{}, false],
  [{ matchExpressions: [] }, false],
])("the term %o matches the node: %s", (single, matches) =>
  expect(matchesNodeAffinity(podWith(single), node)).toBe(matches),
);

test.each([
  [
    "the wrong number of values",
    [term("absent", "NotIn"), term("device", "Exists", "pi"), term("cores", "Gt", "4", "5")],
  ],
  ["a bound that is no number", [term("cores", "Gt", "four")]],
  ["a malformed value", [term("device", "In", "pi", "no value")]],
  ["an unknown operator", [term("device", "exists")]],
  ["several names", [named("In", "edge-01", "edge-02"), named("Exists")]],
])("a term with %s matches no node", (_reason, terms) =>
  expect(matchesNodeAffinity(podWith(...terms), node)).toBe(false),
);

test("all expressions of a term must match, and one of the terms", () => {
  const no = term("absent", "Exists");
  const yes = term("device", "Exists");
  expect(matchesNodeAffinity(podWith(no, yes), node)).toBe(true);
  expect(matchesNodeAffinity(podWith(no, no), node)).toBe(false);
  expect(matchesNodeAffinity(podWith(), node)).toBe(false);
  const both = [no, yes].flatMap((each) => (each as { matchExpressions: object[] }).matchExpressions);
  expect(matchesNodeAffinity(podWith({ matchExpressions: both }), node)).toBe(false);
});

test("a cordoned node takes only pods that tolerate it", () => {
  const cordoned = { ...node, unschedulable: true };
  expect(fitsNode({ containers: [] }, node)).toBe(true);
  expect(fitsNode({ containers: [] }, cordoned)).toBe(false);
  const tolerations = [{ key: "node.kubernetes.io/unschedulable", operator: "Exists" }];
  expect(fitsNode({ containers: [], tolerations }, cordoned)).toBe(true);
});
