import type { ClusterSpec, Prices } from "./model";
import { nodeNames, serverNames } from "./nodes";

/** Returns the price per hour of each node of a cluster that has one: servers by their device, nodes by pool or device. */
export function nodePrices({ perHour }: Prices, cluster: ClusterSpec): Record<string, number> {
  const { serverDevice, nodePools } = cluster;
  const groups = [
    // The machines of existing servers are not known.
    { names: serverNames(cluster), price: cluster.kubeconfig ? undefined : perHour[serverDevice] },
    ...nodePools.map((pool) => ({ names: nodeNames(pool), price: pool.pricePerHour ?? perHour[pool.device] })),
  ];
  return Object.fromEntries(
    groups.flatMap(({ names, price }) => (price === undefined ? [] : names.map((name) => [name, price]))),
  );
}
