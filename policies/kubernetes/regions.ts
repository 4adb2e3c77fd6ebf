import { templatePath } from "../../fleet/kubernetes/pod-template";
import { annotations, labels } from "../../fleet/labels";
import { formatPath, describeUnknown } from "../../fleet/problem";
import { requiredTerms } from "../../fleet/kubernetes/requirements";
import { demandedRegions, leavesPools, type Pool } from "./nodes";
import type { Violation } from "../engine/rule";
import type { PodMaker } from "./workloads";

/** Keys of nodes' labels that say where they stand. */
const REGION_KEYS: readonly string[] = [labels.edgeRegion, labels.topologyRegion];

interface Demand {
  readonly key: string;
  readonly region: string;
  readonly path: string;
}

/** Every region that a pod must run in, by whichever of its fields. */
function demands(maker: PodMaker): Demand[] {
  const { object, pod } = maker;
  const metadata = [...(templatePath(object) ?? []), "metadata"];
  const byLabel = (demandedRegions(maker) ?? []).map((region, index) => ({
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

/** Regions that a pod demands and where no pool stands. */
export function unknownRegions(maker: PodMaker, pools: readonly Pool[]): Violation[] {
  if (leavesPools(maker)) return [];
  return demands(maker).flatMap(({ key, region, path }) => {
    const known = pools.flatMap((pool) => pool.labels[key] ?? []);
    return known.includes(region) ? [] : [{ path, message: describeUnknown("region", region, known) }];
  });
}
