import type { ClusterSpec, NodePoolSpec } from "../../fleet/model";
import { pathText, shown } from "../../fleet/problem";
import { nodesText } from "../kubernetes/amounts";
import type { FleetRule, Violation } from "../engine/rule";

/** Groups the pools outside the home region by region. `first` is the index of the region's first pool in the cluster. */
function groupRemotePools({
  homeRegion,
  nodePools,
}: ClusterSpec): Map<string, { readonly first: number; readonly pools: NodePoolSpec[] }> {
  const regions = new Map<string, { first: number; pools: NodePoolSpec[] }>();
  nodePools.forEach((pool, index) => {
    if (pool.region === homeRegion) return;
    const group = regions.get(pool.region);
    if (group) group.pools.push(pool);
    else regions.set(pool.region, { first: index, pools: [pool] });
  });
  return regions;
}

/** @see https://github.com/k3s-io/k3s/issues/10036, https://github.com/k3s-io/k3s/issues/1686 and https://github.com/rancher/rke2/issues/251 */
export const agentsInHomeRegion: FleetRule = {
  subject: "fleet",
  id: "agents-in-home-region",
  title: "Agents are in the home region of their servers",
  why: "An agent that restarts while it cannot reach a server starts none of its pods. After a power cut at a disconnected site, nothing runs there until the link is restored.",
  severity: "warning",
  remedy:
    "Create a separate cluster for each region that must restart on its own, or add a waiver whose reason says who goes to the site.",
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) =>
      [...groupRemotePools(cluster)].map(([region, { first, pools }]): Violation => {
        const nodes = pools.reduce((sum, { count }) => sum + count, 0);
        return {
          path: pathText(["clusters", index, "nodePools", first, "region"]),
          message: `got ${shown(region)}, must be the home region ${shown(cluster.homeRegion)}: ${nodesText(nodes)} (${pools.map(({ name }) => name).join(", ")}) and the servers are in different regions`,
        };
      }),
    ),
};
