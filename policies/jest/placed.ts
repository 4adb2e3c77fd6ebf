import type { V1LabelSelector, V1Toleration } from "@kubernetes/client-node";

import { objectId } from "../../fleet/kubernetes/object";
import { labels } from "../../fleet/labels";
import { requiredTerms } from "../../fleet/kubernetes/node-affinity";
import { fitsPool, requiredRegionsOf, nodePools, type Pool } from "../kubernetes/nodes";
import { matchesSelector } from "../../fleet/kubernetes/selectors";
import { type Taint, toleratesTaint } from "../../fleet/kubernetes/tolerations";
import { type PodMaker, podMakers } from "../kubernetes/workloads";
import { poolsAround, type ClusterContext } from "./judged";
import type { Received } from "./received";

/** Which of the objects under test are meant. */
export interface WorkloadOptions extends ClusterContext {
  /** Name of the object that makes the pods. @default each that makes pods */
  readonly workload?: string;
}

/** Whether something holds of the pods of one workload, and how the matcher says it does, or does not. */
export interface Verdict {
  readonly workload: string;
  readonly holds: boolean;
  readonly because: string;
}

type Say = (maker: PodMaker, pools: readonly Pool[]) => Omit<Verdict, "workload">;

/**
 * Asks about each workload that is meant.
 *
 * @throws RangeError when none is
 */
export function verdicts(received: Received, meant: WorkloadOptions, say: Say): Verdict[] {
  const all = podMakers(received.objects);
  const makers = all.filter(({ object }) => meant.workload === undefined || object.metadata.name === meant.workload);
  if (makers.length === 0) {
    const made = all.map(({ object }) => objectId(object)).join(", ") || "none";
    throw new RangeError(
      meant.workload === undefined
        ? "no object under test makes pods"
        : `no object called ${JSON.stringify(meant.workload)} makes pods; those that do: ${made}`,
    );
  }
  const pools = nodePools([...received.objects, ...poolsAround(received, meant)]);
  return makers.map((maker) => ({ workload: objectId(maker.object), ...say(maker, pools) }));
}

const list = (values: readonly string[]): string => values.join(", ") || "none";

/** The values of a node's labels that a pod's own statements leave it; undefined when any will do. */
function allowedValues(maker: PodMaker, keys: readonly string[]): string[] | undefined {
  const { value: pod } = maker.pod;
  const terms = requiredTerms(pod);
  const byTerm = terms?.map(
    ({ matchExpressions = [] }) =>
      matchExpressions.find(({ key, operator }) => keys.includes(key) && operator === "In")?.values,
  );
  const demands = [
    keys.includes(labels.edgeRegion) ? requiredRegionsOf(maker) : undefined,
    ...keys.map((key) => (pod.nodeSelector?.[key] === undefined ? undefined : [pod.nodeSelector[key]])),
    // One term that leaves it open leaves it open.
    byTerm?.every((values) => values !== undefined) ? byTerm.flat() : undefined,
  ].filter((values) => values !== undefined);
  if (demands.length === 0) return undefined;
  const left = demands.reduce((all, some) => all.filter((value) => some.includes(value)));
  return [...new Set(left)].sort();
}

/** Whether all of a workload's pods run on nodes with one value of a label: where nodes are known, on real ones. */
const onlyOn =
  (keys: readonly string[], wanted: string, what: string): Say =>
  (maker, pools) => {
    const allowed = allowedValues(maker, keys);
    if (pools.length === 0) {
      const holds = allowed !== undefined && allowed.length === 1 && allowed[0] === wanted;
      return {
        holds,
        because: `its pods may run in ${allowed === undefined ? `any ${what}` : `${what} ${list(allowed)}`}`,
      };
    }
    const usable = pools.filter((pool) => fitsPool(maker, pool));
    const values = [...new Set(usable.map((pool) => pool.labels[keys[0]!] ?? "?"))].sort();
    const holds = values.length === 1 && values[0] === wanted;
    const of = `of ${pools.length} pools its pods may use ${list(usable.map(({ name }) => name))}`;
    return { holds, because: `${of}: ${what} ${list(values)}` };
  };

/** Whether pods can only run in a region. */
export const placedIn = (region: string): Say => onlyOn([labels.edgeRegion, labels.topologyRegion], region, "region");

/** Whether pods can only run on a device. */
export const runsOn = (device: string): Say => onlyOn([labels.deviceType], device, "device");

/** Whether pods tolerate a taint. */
export const tolerates =
  (taint: Taint): Say =>
  ({ pod }) => {
    const tolerations = pod.value.tolerations ?? [];
    return {
      holds: tolerations.some((each) => toleratesTaint(each, taint)),
      because: `its pods tolerate ${list(tolerations.map(tolerationText))}`,
    };
  };

const tolerationText = ({ key, operator, value, effect }: V1Toleration): string =>
  `${key ?? "everything"}${operator === "Exists" || value === undefined ? "" : `=${value}`}${effect ? `:${effect}` : ""}`;

/** What pods can be spread over, and the labels of nodes that tell one from the next. */
const DOMAINS = {
  nodes: ["kubernetes.io/hostname"],
  zones: [labels.topologyZone],
  regions: [labels.topologyRegion, labels.edgeRegion],
} as const;
export type Domain = keyof typeof DOMAINS;

/** Whether a workload's pods are kept apart, by spreading or by keeping away from each other. */
export const spreadsOver =
  (domain: Domain): Say =>
  ({ pod: { value: pod }, labels: own }) => {
    const ofItself = (selector?: V1LabelSelector): boolean => selector !== undefined && matchesSelector(selector, own);
    const apart = pod.affinity?.podAntiAffinity;
    const keys = [
      ...(pod.topologySpreadConstraints ?? []),
      ...(apart?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(apart?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ].flatMap(({ topologyKey, labelSelector }) => (ofItself(labelSelector) ? [topologyKey] : []));
    const wanted: readonly string[] = DOMAINS[domain];
    return { holds: keys.some((key) => wanted.includes(key)), because: `its pods are spread over ${list(keys)}` };
  };
