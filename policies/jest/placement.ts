import type { V1LabelSelector, V1Toleration } from "@kubernetes/client-node";

import { objectId } from "../../fleet/kubernetes/object";
import { labels } from "../../fleet/labels";
import { requiredTerms } from "../../fleet/kubernetes/node-affinity";
import { requiredRegionsOf, fitsPool, nodePools, type Pool } from "../kubernetes/nodes";
import { matchesSelector } from "../../fleet/kubernetes/selectors";
import { type Taint, toleratesTaint } from "../../fleet/kubernetes/tolerations";
import { type PodMaker, podMakers } from "../kubernetes/workloads";
import { type ClusterContext, contextPools } from "./compliance";
import type { Received } from "./received";

/** Selects workloads among the objects under test. */
export interface WorkloadOptions extends ClusterContext {
  /** Name of the object that creates the pods. @default all objects that create pods */
  readonly workload?: string;
}

/** The result of a check on the pods of one workload. */
export interface WorkloadResult {
  readonly workload: string;
  readonly pass: boolean;
  /** What the pods specify, for the matcher's message: `its pods may run in region tokyo`. */
  readonly reason: string;
}

type WorkloadCheck = (maker: PodMaker, pools: readonly Pool[]) => Omit<WorkloadResult, "workload">;

/**
 * Runs a check on each selected workload.
 *
 * @throws RangeError when no workload is selected
 */
export function checkWorkloads(received: Received, options: WorkloadOptions, check: WorkloadCheck): WorkloadResult[] {
  const { workload } = options;
  const all = podMakers(received.objects);
  const makers = all.filter(({ object }) => workload === undefined || object.metadata.name === workload);
  if (makers.length === 0) {
    const ids = all.map(({ object }) => objectId(object)).join(", ") || "none";
    throw new RangeError(
      workload === undefined
        ? "no object under test creates pods"
        : `workload: no object named ${JSON.stringify(workload)} creates pods; objects that do: ${ids}`,
    );
  }
  const pools = nodePools([...received.objects, ...contextPools(received, options)]);
  return makers.map((maker) => ({ workload: objectId(maker.object), ...check(maker, pools) }));
}

const listText = (values: readonly string[]): string => values.join(", ") || "none";

/** Returns the values of node labels that a pod's own constraints allow; undefined when they allow any value. */
function allowedValues(maker: PodMaker, keys: readonly string[]): string[] | undefined {
  const { value: pod } = maker.pod;
  const terms = requiredTerms(pod);
  const valuesByTerm = terms?.map(
    ({ matchExpressions = [] }) =>
      matchExpressions.find(({ key, operator }) => keys.includes(key) && operator === "In")?.values,
  );
  const constraints = [
    keys.includes(labels.edgeRegion) ? requiredRegionsOf(maker) : undefined,
    ...keys.map((key) => (pod.nodeSelector?.[key] === undefined ? undefined : [pod.nodeSelector[key]])),
    // Terms are alternatives: a term without the label allows any value.
    valuesByTerm?.every((values) => values !== undefined) ? valuesByTerm.flat() : undefined,
  ].filter((values) => values !== undefined);
  if (constraints.length === 0) return undefined;
  const allowed = constraints.reduce((all, some) => all.filter((value) => some.includes(value)));
  return [...new Set(allowed)].sort();
}

/** Checks that pods run only on nodes with one value of a label. Uses the node pools when there are any. */
const onlyOn =
  (keys: readonly string[], value: string, what: string): WorkloadCheck =>
  (maker, pools) => {
    const allowed = allowedValues(maker, keys);
    if (pools.length === 0) {
      const pass = allowed !== undefined && allowed.length === 1 && allowed[0] === value;
      return {
        pass,
        reason: `its pods may run in ${allowed === undefined ? `any ${what}` : `${what} ${listText(allowed)}`}`,
      };
    }
    const usable = pools.filter((pool) => fitsPool(maker, pool));
    const values = [...new Set(usable.map((pool) => pool.labels[keys[0]!] ?? "?"))].sort();
    const pass = values.length === 1 && values[0] === value;
    const usableText = listText(usable.map(({ name }) => name));
    return {
      pass,
      reason: `its pods may run in ${usable.length} of ${pools.length} pools (${usableText}): ${what} ${listText(values)}`,
    };
  };

/** Checks that pods run only in a region. */
export const placedIn = (region: string): WorkloadCheck =>
  onlyOn([labels.edgeRegion, labels.topologyRegion], region, "region");

/** Checks that pods run only on a device. */
export const runsOn = (device: string): WorkloadCheck => onlyOn([labels.deviceType], device, "device");

/** Checks that pods tolerate a taint. */
export const tolerates =
  (taint: Taint): WorkloadCheck =>
  ({ pod }) => {
    const tolerations = pod.value.tolerations ?? [];
    return {
      pass: tolerations.some((toleration) => toleratesTaint(toleration, taint)),
      reason: `its pods tolerate ${listText(tolerations.map(tolerationText))}`,
    };
  };

const tolerationText = ({ key, operator, value, effect }: V1Toleration): string =>
  `${key ?? "all taints"}${operator === "Exists" || value === undefined ? "" : `=${value}`}${effect ? `:${effect}` : ""}`;

/** Topology domains, each with the node labels that identify it. */
const DOMAINS = {
  nodes: ["kubernetes.io/hostname"],
  zones: [labels.topologyZone],
  regions: [labels.topologyRegion, labels.edgeRegion],
} as const;
export type Domain = keyof typeof DOMAINS;

/** Checks that pods are spread over a domain, by topology spread constraints or pod anti-affinity. */
export const spreadsOver =
  (domain: Domain): WorkloadCheck =>
  ({ pod: { value: pod }, labels: podLabels }) => {
    const selectsItself = (selector?: V1LabelSelector): boolean =>
      selector !== undefined && matchesSelector(selector, podLabels);
    const antiAffinity = pod.affinity?.podAntiAffinity;
    const keys = [
      ...(pod.topologySpreadConstraints ?? []),
      ...(antiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(antiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ].flatMap(({ topologyKey, labelSelector }) => (selectsItself(labelSelector) ? [topologyKey] : []));
    const domainKeys: readonly string[] = DOMAINS[domain];
    return { pass: keys.some((key) => domainKeys.includes(key)), reason: `its pods are spread over ${listText(keys)}` };
  };
