import { nodePools } from "../kubernetes/nodes";
import { unknownRegions } from "../kubernetes/regions";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

export const regionsExist: ClusterRule = {
  subject: "cluster",
  id: "regions-exist",
  title: "Required and fallback regions have nodes in the cluster",
  why: "A pod that requires a region without nodes stays Pending. A fallback region without nodes has no effect.",
  severity: "error",
  remedy:
    "Correct the region's name, add a node pool in that region, or deploy the workload to a cluster that has one.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    if (pools.length === 0) return [];
    return podMakers(objects).flatMap((maker) =>
      unknownRegions(maker, pools).map((violation) => ({ object: maker.object, ...violation })),
    );
  },
};
