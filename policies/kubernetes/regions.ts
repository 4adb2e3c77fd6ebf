import { requiredTerms } from "../../fleet/kubernetes/node-affinity";
import { templatePath } from "../../fleet/kubernetes/pod-template";
import { readRequiredRegions } from "../../fleet/kubernetes/required-regions";
import { annotations, labels } from "../../fleet/labels";
import { formatPath, describeUnknown } from "../../fleet/problem";
import type { Violation } from "../engine/rule";
import { leavesPools, type Pool } from "./nodes";
import type { PodMaker } from "./workloads";

/** Node labels whose value is a region. */
const REGION_KEYS: readonly string[] = [labels.edgeRegion, labels.topologyRegion];

interface RegionReference {
  readonly key: string;
  readonly region: string;
  readonly path: string;
}

/** Returns every region that a pod requires, by any of its fields. */
function findReferences(maker: PodMaker): RegionReference[] {
  const { object, pod } = maker;
  const metadata = [...(templatePath(object) ?? []), "metadata"];
  const byLabel = (readRequiredRegions(maker) ?? []).map((region, index) => ({
    key: labels.edgeRegion,
    region,
    path: formatPath([
      ...metadata,
      ...(index === 0 ? ["labels", labels.requiredRegion] : ["annotations", annotations.fallbackRegions]),
    ]),
  }));
  const bySelector = REGION_KEYS.flatMap((key) => {
    const region = pod.value.nodeSelector?.[key];
    return region === undefined ? [] : [{ key, region, path: pod.path("nodeSelector", key) }];
  });
  const affinity = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
  const byAffinity = (requiredTerms(pod.value) ?? []).flatMap(({ matchExpressions = [] }, term) =>
    matchExpressions.flatMap(({ key, operator, values = [] }, index) =>
      operator === "In" && REGION_KEYS.includes(key)
        ? values.map((region, at) => ({
            key,
            region,
            path: pod.path(...affinity, term, "matchExpressions", index, "values", at),
          }))
        : [],
    ),
  );
  return [...byLabel, ...bySelector, ...byAffinity];
}

/** Returns a violation for each region that a pod requires and in which the cluster has no pool. */
export function findUnknownRegions(maker: PodMaker, pools: readonly Pool[]): Violation[] {
  if (leavesPools(maker)) return [];
  return findReferences(maker).flatMap(({ key, region, path }) => {
    const regions = pools.flatMap((pool) => pool.labels[key] ?? []);
    return regions.includes(region) ? [] : [{ path, message: describeUnknown("region", region, regions) }];
  });
}
