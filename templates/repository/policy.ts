import { definePolicy, type FleetRule } from "skerry/policies";

/** A custom rule, in addition to those of Skerry. */
export const spareNode: FleetRule = {
  id: "spare-node",
  subject: "fleet",
  title: "Node pools have at least two nodes",
  why: "A pool with one node has no capacity left when the node fails.",
  severity: "error",
  remedy: "Add a second node to the pool.",
  check: ({ clusters }) =>
    clusters.flatMap(({ nodePools }, cluster) =>
      nodePools.flatMap(({ count }, pool) =>
        count > 1
          ? []
          : [{ path: `clusters[${cluster}].nodePools[${pool}].count`, message: `must be at least 2, got ${count}` }],
      ),
    ),
};

export default definePolicy({
  rules: [spareNode],
  // Temporary exceptions: { rule, object, cluster, reason, expires }.
  waivers: [],
});
