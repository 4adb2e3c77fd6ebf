import { isQualifiedName, KEY_RULE } from "../forms";
import { ownedLabel, ownedTaint } from "../kubernetes/owned-keys";
import { labels as ours } from "../labels";
import { nodeLabels } from "../nodes";
import type { NodePool, Taint } from "../model";
import { pathText, type Problem, shown } from "../problem";
import type { Known, Part, Readable } from "./readable";

const OURS: ReadonlySet<string> = new Set(Object.values(ours));

function twice(path: readonly PropertyKey[], taints: readonly (Known<Taint> | undefined)[] = []): Problem[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    if (taint?.key === undefined || taint.effect === undefined) return [];
    // A node has one value for a key and an effect; a pod may tolerate several.
    const identity = [taint.key, taint.effect, ...(path.at(-1) === "tolerates" ? [taint.value] : [])].join("\0");
    const again = seen.has(identity);
    seen.add(identity);
    const message = `taint ${taint.key} with effect ${taint.effect} is stated twice: keep one of the two`;
    return again ? [{ path: pathText([...path, index]), message }] : [];
  });
}

function taintProblems({ path, value: { taints = [] } }: Part<NodePool>): Problem[] {
  const owned = taints.flatMap((taint, index) => {
    const why = taint?.key === undefined ? undefined : ownedTaint(taint.key);
    return why === undefined
      ? []
      : [{ path: pathText([...path, "taints", index, "key"]), message: `got ${shown(taint?.key)}: ${why}` }];
  });
  return [...owned, ...twice([...path, "taints"], taints)];
}

function labelProblem(key: string, value: string | undefined, made: Readonly<Record<string, string>>): string | false {
  const derived = made[key];
  if (!isQualifiedName(key)) return `key ${shown(key)}: ${KEY_RULE}`;
  if (derived !== undefined && value !== undefined && derived !== value) {
    return `got ${shown(value)}, but the pool makes it ${shown(derived)}: leave the label out`;
  }
  if (derived === undefined && OURS.has(key)) {
    return "follows from what the pool states of its role, disk and edgeNodeType: state it there, and leave the label out";
  }
  return (derived === undefined ? ownedLabel(key) : undefined) ?? false;
}

/** A pool of which everything is known that its labels follow from. */
function labelled(pool: Known<NodePool>): pool is Known<NodePool> & Omit<NodePool, "labels" | "taints" | "count"> {
  const { name, region, zone, device, role, capacity } = pool;
  return [name, region, zone, device, role, capacity?.disk].every((fact) => fact !== undefined);
}

function labelProblems({ path, value: pool }: Part<NodePool>): Problem[] {
  const made = labelled(pool) ? nodeLabels({ ...pool, labels: {} }) : undefined;
  return Object.entries(pool.labels ?? {}).flatMap(([key, value]) => {
    const own = made === undefined && OURS.has(key);
    const message = own ? false : labelProblem(key, value, made ?? {});
    return message ? [{ path: pathText([...path, "labels", key]), message }] : [];
  });
}

/** Labels and taints are the pool's to give, and say nothing that it contradicts. */
export function checkLabelsAndTaints({ clusters, workloads }: Readable): Problem[] {
  return [
    ...clusters.flatMap(({ nodePools }) =>
      nodePools.flatMap((pool) => [...labelProblems(pool), ...taintProblems(pool)]),
    ),
    ...workloads.flatMap(({ path, value }) => twice([...path, "tolerates"], value.tolerates)),
  ];
}
