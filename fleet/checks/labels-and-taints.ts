import { isQualifiedName, KEY_RULE } from "../reading/forms";
import { ownedLabel, ownedTaint } from "../kubernetes/owned-keys";
import { labels as ours } from "../labels";
import { nodeLabels } from "../nodes";
import type { Capacity, NodePoolSpec, NodeRole, Taint } from "../model";
import { formatPath, type Problem, formatValue } from "../problem";
import { isUnreadable } from "./possible-pools";
import type { Known, Part, Readable } from "./readable";

const OURS: ReadonlySet<string> = new Set(Object.values(ours));

function twice(path: readonly PropertyKey[], taints: readonly (Known<Taint> | undefined)[] = []): Problem[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    if (taint?.key === undefined || taint.effect === undefined) return [];
    // A node has one value for a key and an effect; a pod may tolerate several.
    const identity = [taint.key, taint.effect, ...(path.at(-1) === "tolerations" ? [taint.value] : [])].join("\0");
    const again = seen.has(identity);
    seen.add(identity);
    const message = `taint ${taint.key} with effect ${taint.effect} is stated twice: keep one of the two`;
    return again ? [{ path: formatPath([...path, index]), message }] : [];
  });
}

function taintProblems({ path, value: { taints = [] } }: Part<NodePoolSpec>): Problem[] {
  const owned = taints.flatMap((taint, index) => {
    const why = taint?.key === undefined ? undefined : ownedTaint(taint.key);
    return why === undefined
      ? []
      : [{ path: formatPath([...path, "taints", index, "key"]), message: `got ${formatValue(taint?.key)}: ${why}` }];
  });
  return [...owned, ...twice([...path, "taints"], taints)];
}

/** Stands for a value that could not be read. No label has it. */
const UNREAD = "\0";

function labelProblem(key: string, value: string | undefined, made: Readonly<Record<string, string>>): string | false {
  const derived = made[key];
  if (!isQualifiedName(key)) return `key ${formatValue(key)}: ${KEY_RULE}`;
  if (derived !== undefined) {
    if (derived === UNREAD || value === undefined || derived === value) return false;
    return `got ${formatValue(value)}, but the pool makes it ${formatValue(derived)}: leave the label out`;
  }
  if (OURS.has(key)) {
    return "follows from what the pool states of its role, disk and edgeNodeType: state it there, and leave the label out";
  }
  return ownedLabel(key) ?? false;
}

/** The labels that a pool's own statements make, once for each way in which what could not be read may decide. */
function madeLabels(pool: Known<NodePoolSpec>): Record<string, string>[] {
  const { name = UNREAD, region = UNREAD, zone = UNREAD, device = UNREAD, role, capacity } = pool;
  const roles: readonly NodeRole[] = role === undefined ? ["edge-worker", "cloud-worker"] : [role];
  const disks: readonly Capacity["disk"][] = capacity?.disk === undefined ? ["sd", "ssd"] : [capacity.disk];
  const types = isUnreadable(pool, "edgeNodeType") ? [undefined, UNREAD] : [pool.edgeNodeType];
  return roles.flatMap((each) =>
    disks.flatMap((disk) =>
      types.map((type) => {
        const facts = { name, region, zone, device, role: each, labels: {}, capacity: { disk } as Capacity };
        return nodeLabels({ ...facts, ...(type === undefined ? {} : { edgeNodeType: type }) });
      }),
    ),
  );
}

function labelProblems({ path, value: pool }: Part<NodePoolSpec>): Problem[] {
  const ways = madeLabels(pool);
  return Object.entries(pool.labels ?? {}).flatMap(([key, value]) => {
    const [message, ...others] = new Set(ways.map((made) => labelProblem(key, value, made)));
    return message && others.length === 0 ? [{ path: formatPath([...path, "labels", key]), message }] : [];
  });
}

/** Labels and taints are the pool's to give, and say nothing that it contradicts. */
export function checkLabelsAndTaints({ clusters, workloads }: Readable): Problem[] {
  return [
    ...clusters.flatMap(({ nodePools }) =>
      nodePools.flatMap((pool) => [...labelProblems(pool), ...taintProblems(pool)]),
    ),
    ...workloads.flatMap(({ path, value }) => twice([...path, "tolerations"], value.tolerations)),
  ];
}
