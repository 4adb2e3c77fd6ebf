import { nodePools } from "../kubernetes/nodes";
import { findUnknownRegions } from "../kubernetes/regions";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

export const regionsExist: ClusterRule = {
  subject: "cluster",
  id: "regions-exist",
  title: "Every region that a pod demands has nodes in the pod's cluster",
  why: "A pod that demands a region without nodes waits for ever, and a fallback that is not there is none.",
  severity: "error",
  remedy: "Correct the region's name, add a node pool there, or send the workload to the cluster that has one.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    if (pools.length === 0) return [];
    return podMakers(objects).flatMap((maker) =>
      findUnknownRegions(maker, pools).map((violation) => ({ object: maker.object, ...violation })),
    );
  },
};
