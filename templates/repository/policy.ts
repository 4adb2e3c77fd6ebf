import { definePolicy, type FleetRule } from "skerry/policies";

/** A rule of our own, next to those that Skerry brings. */
export const spareNode: FleetRule = {
  id: "spare-node",
  subject: "fleet",
  title: "Every pool has a node to spare",
  why: "A pool of one node is gone when its node is.",
  severity: "error",
  remedy: "Give the pool a second node.",
  check: ({ clusters }) =>
    clusters.flatMap(({ nodePools }, cluster) =>
      nodePools.flatMap(({ count }, pool) =>
        count > 1
          ? []
          : [{ path: `clusters[${cluster}].nodePools[${pool}].count`, message: `got ${count}, allowed are 2 or more` }],
      ),
    ),
};

export default definePolicy({
  rules: [spareNode],
  // What is tolerated for a time: { rule, object, cluster, reason, expires }.
  waivers: [],
});
