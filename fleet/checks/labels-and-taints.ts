import { isQualifiedName, KEY_RULE } from "../reading/forms";
import { ownedLabel, ownedTaint } from "../kubernetes/owned-keys";
import { labels as skerryLabels } from "../labels";
import { nodeLabels } from "../nodes";
import type { Capacity, NodePoolSpec, NodeRole, Taint } from "../model";
import { formatPath, formatValue, type Problem } from "../problem";
import type { DeepPartial, FleetParts, Part } from "./fleet-parts";
import { isUnreadable } from "./possible-pools";

const DERIVED_KEYS: ReadonlySet<string> = new Set(Object.values(skerryLabels));

/** Finds taints or tolerations that repeat an earlier one. */
function findDuplicateTaints(
  path: readonly PropertyKey[],
  taints: readonly (DeepPartial<Taint> | undefined)[] = [],
): Problem[] {
  const firstPaths = new Map<string, string>();
  return taints.flatMap((taint, index) => {
    if (taint?.key === undefined || taint.effect === undefined) return [];
    // A node has one value per key and effect; a pod may tolerate several.
    const identity = [taint.key, taint.effect, ...(path.at(-1) === "tolerations" ? [taint.value] : [])].join("\0");
    const at = formatPath([...path, index]);
    const first = firstPaths.get(identity);
    firstPaths.set(identity, first ?? at);
    const message = `duplicate taint ${taint.key} with effect ${taint.effect}, already at ${first}: remove one`;
    return first === undefined ? [] : [{ path: at, message }];
  });
}

function checkTaints({ path, value: { taints = [] } }: Part<NodePoolSpec>): Problem[] {
  const reserved = taints.flatMap((taint, index) => {
    const reason = taint?.key === undefined ? undefined : ownedTaint(taint.key);
    const message = `must not be ${formatValue(taint?.key)}: ${reason}`;
    return reason === undefined ? [] : [{ path: formatPath([...path, "taints", index, "key"]), message }];
  });
  return [...reserved, ...findDuplicateTaints([...path, "taints"], taints)];
}

/** Stands for a value that could not be read. No label has it. */
const UNREAD = "\0";

function checkLabel(
  key: string,
  value: string | undefined,
  derivedLabels: Readonly<Record<string, string>>,
): string | undefined {
  const derived = derivedLabels[key];
  if (!isQualifiedName(key)) return `key ${KEY_RULE}, got ${formatValue(key)}`;
  if (derived !== undefined) {
    if (derived === UNREAD || value === undefined || derived === value) return undefined;
    return `must be ${formatValue(derived)}, which the pool's fields imply, got ${formatValue(value)}: remove the label`;
  }
  if (DERIVED_KEYS.has(key)) {
    return "must not be set: role, capacity.disk and edgeNodeType of the pool determine it; set those instead";
  }
  return ownedLabel(key);
}

/** Returns the labels that a pool's fields imply, once for each combination of values that unreadable fields may have. */
function deriveLabels(pool: DeepPartial<NodePoolSpec>): Record<string, string>[] {
  const { name = UNREAD, region = UNREAD, zone = UNREAD, device = UNREAD, role, capacity } = pool;
  const roles: readonly NodeRole[] = role === undefined ? ["edge-worker", "cloud-worker"] : [role];
  const disks: readonly Capacity["disk"][] = capacity?.disk === undefined ? ["sd", "ssd"] : [capacity.disk];
  const types = isUnreadable(pool, "edgeNodeType") ? [undefined, UNREAD] : [pool.edgeNodeType];
  return roles.flatMap((eachRole) =>
    disks.flatMap((disk) =>
      types.map((type) => {
        const spec = { name, region, zone, device, role: eachRole, labels: {}, capacity: { disk } as Capacity };
        return nodeLabels({ ...spec, ...(type === undefined ? {} : { edgeNodeType: type }) });
      }),
    ),
  );
}

function checkLabels({ path, value: pool }: Part<NodePoolSpec>): Problem[] {
  const combinations = deriveLabels(pool);
  return Object.entries(pool.labels ?? {}).flatMap(([key, value]) => {
    const [message, ...others] = new Set(combinations.map((derived) => checkLabel(key, value, derived)));
    return message && others.length === 0 ? [{ path: formatPath([...path, "labels", key]), message }] : [];
  });
}

/** Checks that node pools use no reserved keys, repeat no taint, and contradict no label that their fields imply. */
export function checkLabelsAndTaints({ clusters, workloads }: FleetParts): Problem[] {
  return [
    ...clusters.flatMap(({ nodePools }) => nodePools.flatMap((pool) => [...checkLabels(pool), ...checkTaints(pool)])),
    ...workloads.flatMap(({ path, value }) => findDuplicateTaints([...path, "tolerations"], value.tolerations)),
  ];
}
