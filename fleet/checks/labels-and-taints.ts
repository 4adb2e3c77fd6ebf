import { nodeLabels } from "../nodes";
import type { NodePool, Taint } from "../model";
import { pathText, type Problem, shown } from "../problem";
import type { Part, Readable } from "./readable";

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const KEY_RULE = "allowed is a name of at most 63 letters, digits, -, _ and ., after an optional DNS prefix and a /";
const VALUE_RULE = "allowed are at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit";

/** Kubernetes' form of a label's or taint's key. */
function validKey(key: string): boolean {
  const [first, second, ...more] = key.split("/");
  if (second === undefined) return NAME.test(first ?? "");
  return more.length === 0 && first !== undefined && first.length <= 253 && PREFIX.test(first) && NAME.test(second);
}

/** Kubernetes' form of a label's or taint's value. */
const validValue = (value: string): boolean => value === "" || NAME.test(value);

/** Namespaces in which the kubelet refuses labels that a node gives itself, but for a few. Source: kubelet --node-labels. */
function reserved(key: string): boolean {
  const prefix = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  const inside = (domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`);
  return (
    (inside("kubernetes.io") || inside("k8s.io")) && !inside("node.kubernetes.io") && !inside("kubelet.kubernetes.io")
  );
}

function taintProblems(path: readonly PropertyKey[], taints: readonly Taint[]): Problem[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key, value, effect }, index) => {
    const here = [...path, index];
    const twice = seen.has(`${key}\0${effect}`);
    seen.add(`${key}\0${effect}`);
    return [
      ...(validKey(key) ? [] : [{ path: pathText([...here, "key"]), message: `got ${shown(key)}, ${KEY_RULE}` }]),
      ...(validValue(value)
        ? []
        : [{ path: pathText([...here, "value"]), message: `got ${shown(value)}, ${VALUE_RULE}` }]),
      ...(twice
        ? [{ path: pathText(here), message: `taint ${key} with effect ${effect} is stated twice: keep one of the two` }]
        : []),
    ];
  });
}

function labelProblems({ path, value: pool }: Part<NodePool>): Problem[] {
  const derived = nodeLabels({ ...pool, labels: {} });
  return Object.entries(pool.labels).flatMap(([key, value]) => {
    const at = pathText([...path, "labels", key]);
    if (!validKey(key)) return [{ path: at, message: `key ${shown(key)}: ${KEY_RULE}` }];
    if (!validValue(value)) return [{ path: at, message: `got ${shown(value)}, ${VALUE_RULE}` }];
    if (derived[key] !== undefined && derived[key] !== value) {
      return [
        { path: at, message: `got ${shown(value)}, but the pool makes it ${shown(derived[key])}: leave the label out` },
      ];
    }
    if (derived[key] === undefined && reserved(key)) {
      return [
        {
          path: at,
          message: "is in a namespace of Kubernetes': K3s would not start with it; choose a domain of your own",
        },
      ];
    }
    return [];
  });
}

/** Labels and taints have the form that Kubernetes takes, and say nothing that the pool contradicts. */
export function checkLabelsAndTaints({ clusters, workloads }: Readable): Problem[] {
  return [
    ...clusters.flatMap(({ nodePools }) =>
      nodePools.flatMap((pool) => {
        const { path, value } = pool;
        const type = value.edgeNodeType;
        const typed =
          type === undefined || (type !== "" && validValue(type))
            ? []
            : [{ path: pathText([...path, "edgeNodeType"]), message: `got ${shown(type)}, ${VALUE_RULE}` }];
        return [...typed, ...labelProblems(pool), ...taintProblems([...path, "taints"], value.taints)];
      }),
    ),
    ...workloads.flatMap(({ path, value }) => taintProblems([...path, "tolerates"], value.tolerates)),
  ];
}
