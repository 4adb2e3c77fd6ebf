import type { ClusterSpec, NodePoolSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import { nodesText } from "../kubernetes/amounts";
import type { FleetRule, Violation } from "../engine/rule";

/** Pools of each region but the home region, with the place of the first of them. */
function remote({
  homeRegion,
  nodePools,
}: ClusterSpec): Map<string, { readonly first: number; readonly pools: NodePoolSpec[] }> {
  const regions = new Map<string, { first: number; pools: NodePoolSpec[] }>();
  nodePools.forEach((pool, index) => {
    if (pool.region === homeRegion) return;
    const known = regions.get(pool.region);
    if (known) known.pools.push(pool);
    else regions.set(pool.region, { first: index, pools: [pool] });
  });
  return regions;
}

/** Source: K3s issues 10036 and 1686, rke2 issue 251. */
export const agentsAtHome: FleetRule = {
  subject: "fleet",
  id: "agents-at-home",
  title: "Every agent stands in the home region of its servers",
  why: "An agent that restarts while no server is reachable starts none of its pods: after a power cut at a site that is cut off, nothing runs there until the link is back.",
  severity: "warning",
  remedy:
    "Give a region that has to start on its own a cluster of its own, or tolerate it by a waiver that says who goes there.",
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) =>
      [...remote(cluster)].map(([region, { first, pools }]): Violation => {
        const nodes = pools.reduce((sum, { count }) => sum + count, 0);
        return {
          path: formatPath(["clusters", index, "nodePools", first, "region"]),
          message: `${nodesText(nodes)} in ${region} (${pools.map(({ name }) => name).join(", ")}): their servers are in ${cluster.homeRegion}`,
        };
      }),
    ),
};
