import type {
  V1Container,
  V1LabelSelector,
  V1Node,
  V1Pod,
  V1PodSpec,
  V1Taint,
  V1Toleration,
} from "@kubernetes/client-node";
import fc from "fast-check";

// Few distinct keys and values, so that pods and nodes often match.
const key = fc.constantFrom("zone", "example.com/size", "toString", "kubernetes.io/hostname");
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "5", "10") },
  { weight: 1, arbitrary: fc.constantFrom("", "b", "007", "9223372036854775807", "9223372036854775808") },
);
/** Keys and values that the API server accepts nowhere. */
const malformed = fc.constantFrom("no label", "-x", "a/b/c", "+5", "-5", "x".repeat(64));
const rarely = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: rare });

export const labels = fc.dictionary(key, value, { maxKeys: 4 });

/** Requirements with any operator and number of values, valid or not. */
const requirement = fc
  .record({
    key: rarely(key, malformed),
    operator: rarely(
      fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
      fc.constantFrom("", "exists", "Equals"),
    ),
    values: fc.array(rarely(value, malformed), { maxLength: 3 }),
    trimmed: fc.integer({ min: 0, max: 9 }),
  })
  // Mostly as many values as the operator takes.
  .map(({ trimmed, values, ...rest }) => {
    if (trimmed === 0) return { ...rest, values };
    if (rest.operator.includes("Exist")) return rest;
    const [first = "5"] = values;
    return {
      ...rest,
      values: rest.operator === "Gt" || rest.operator === "Lt" ? [first] : [first, ...values.slice(1)],
    };
  });

export const selector: fc.Arbitrary<V1LabelSelector> = fc.record(
  { matchLabels: fc.dictionary(key, value, { maxKeys: 1 }), matchExpressions: fc.array(requirement, { maxLength: 2 }) },
  { requiredKeys: [] },
);

const fieldRequirement = fc.record({
  key: rarely(fc.constant("metadata.name"), fc.constantFrom("metadata.namespace", "")),
  operator: rarely(fc.constantFrom("In", "NotIn"), fc.constantFrom("Exists", "Gt")),
  values: fc.array(fc.constantFrom("node-1", "node-2"), { minLength: 0, maxLength: 2 }),
});

const term = fc.record(
  {
    matchExpressions: fc.array(requirement, { maxLength: 3 }),
    matchFields: fc.array(fieldRequirement, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const taintKey = fc.constantFrom("dedicated", "device-type", "node.kubernetes.io/unschedulable");
const effect = fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute");

const toleration: fc.Arbitrary<V1Toleration> = fc.record(
  {
    key: fc.oneof(taintKey, fc.constant("")),
    operator: rarely(fc.constantFrom("Exists", "Equal", ""), fc.constantFrom("Gt", "Lt", "exists")),
    value,
    effect: fc.oneof(effect, fc.constant("")),
  },
  { requiredKeys: [] },
);

const taint: fc.Arbitrary<V1Taint> = fc.record(
  { key: taintKey, value, effect: rarely(effect, fc.constant("Never")) },
  { requiredKeys: ["key", "effect"] },
);

/** Quantities that both a request and a capacity may be, in every notation. */
const amount = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 4000 }).map(String),
      fc.integer({ min: 0, max: 99_999 }).map((number) => (number / 1000).toString()),
      fc.constantFrom("0.1", "0.2", "0.3", ".5", "1.", "001", "+2"),
    ),
    fc.constantFrom("", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "E-1", "u", "n"),
  )
  .map(([number, suffix]) => `${number}${suffix}`);

const resourceList = fc.record({ cpu: amount, memory: amount }, { requiredKeys: [] });
const resources = fc.record({ requests: resourceList, limits: resourceList }, { requiredKeys: [] });

const container = fc.record({ resources }, { requiredKeys: [] }).map((fields) => ({ name: "c", ...fields }));
const initContainer = fc
  .tuple(container, fc.option(fc.constant("Always"), { nil: undefined }))
  .map(([fields, restartPolicy]) => ({ ...fields, ...(restartPolicy && { restartPolicy }) }));

const podSpec: fc.Arbitrary<V1PodSpec> = fc.record(
  {
    containers: fc.array(container as fc.Arbitrary<V1Container>, { maxLength: 3 }),
    initContainers: fc.array(initContainer as fc.Arbitrary<V1Container>, { maxLength: 3 }),
    resources,
    overhead: resourceList,
    nodeSelector: rarely(fc.dictionary(key, value, { maxKeys: 1 }), fc.dictionary(key, value, { maxKeys: 4 })),
    affinity: fc.array(term, { maxLength: 3 }).map((nodeSelectorTerms) => ({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    })),
    tolerations: fc.array(toleration, { maxLength: 3 }),
  },
  { requiredKeys: ["containers"] },
);

export const pod: fc.Arbitrary<V1Pod> = podSpec.map((spec) => ({ metadata: { name: "pod" }, spec }));

export const node: fc.Arbitrary<V1Node> = fc
  .record({
    name: fc.constantFrom("node-1", "node-2"),
    labels,
    taints: fc.array(taint, { maxLength: 2 }),
    unschedulable: fc.constantFrom(false, false, false, true),
    cpu: amount,
    memory: amount,
  })
  .map(({ name, labels: own, taints, unschedulable, cpu, memory }) => ({
    metadata: { name, labels: own },
    spec: { taints, unschedulable },
    status: { allocatable: { cpu, memory, pods: "110" } },
  }));

const digits = fc.oneof(fc.constant(""), fc.stringMatching(/^[0-9]{1,25}$/));
/** Quantities as people write them, as they misspell them, and with more digits than any machine word has. */
export const quantity: fc.Arbitrary<string> = fc.oneof(
  amount,
  fc
    .tuple(
      fc.constantFrom("", "", "", "+", "-", " "),
      digits,
      fc.constantFrom("", "."),
      digits,
      fc.oneof(
        fc.constantFrom(..."n,u,m,k,M,G,T,P,E,Ki,Mi,Gi,Ti,Pi,Ei,i,K,ki,mm,e".split(","), "", "", " "),
        fc.integer({ min: -40, max: 40 }).map((exponent) => `e${exponent}`),
        fc.integer({ min: 0, max: 40 }).map((exponent) => `E+${exponent}`),
      ),
    )
    .map((parts) => parts.join("")),
  fc.string({ maxLength: 6 }),
);
