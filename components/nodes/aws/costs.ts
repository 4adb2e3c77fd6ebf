import { deviceCapacity } from "../../../fleet/devices";
import type { ClusterSpec } from "../../../fleet/model";
import type { AwsMachinesArgs } from "./arguments";
import { interfaceEndpoints } from "./endpoint-services";
import { HOURS_PER_MONTH, instancePrices, PRICE_REGION, prices } from "./prices";
import { regionsOf, siteZones } from "./sites";

/** One line of an estimate. */
export interface CostItem {
  readonly item: string;
  readonly count: number;
  /** USD per month for all of them. Undefined if the price is not known. */
  readonly usdPerMonth: number | undefined;
}

/** Size of a server's data volume in GiB, unless the arguments set it. */
export const DATA_VOLUME_GIB = 40;

/**
 * Estimates what a cluster costs per month with the agents that its pools state, at list prices of one
 * region.
 */
export function monthlyCost(args: AwsMachinesArgs, cluster: ClusterSpec): CostItem[] {
  const counts = new Map<string, number>();
  const add = (key: string, count: number): void => void counts.set(key, (counts.get(key) ?? 0) + count);
  let storageGiB =
    cluster.servers * ((args.dataVolumeGiB ?? DATA_VOLUME_GIB) + deviceCapacity(cluster.serverDevice).diskGiB);
  add(cluster.serverDevice, cluster.servers);
  for (const pool of cluster.nodePools) {
    add(pool.device, pool.count);
    storageGiB += pool.count * pool.capacity.diskGiB;
  }
  const units: Record<keyof typeof prices, number> = {
    loadBalancer: 1,
    nat: 0,
    endpoint: 0,
    address: 0,
    storage: storageGiB,
    key: args.kmsKeys?.[args.sites[cluster.homeRegion]!.region] === undefined ? 1 : 0,
  };
  for (const region of regionsOf(cluster)) {
    const site = args.sites[region]!;
    if (site.network) continue;
    const zones = siteZones(site).length;
    const gateways = { nat: 1, "nat-per-zone": zones, endpoints: 0 }[site.egress ?? "nat"];
    units.nat += gateways;
    units.address += gateways;
    if (site.egress === "endpoints") units.endpoint += zones * Object.keys(interfaceEndpoints).length;
    if (region === cluster.homeRegion && (args.api?.publicRanges ?? []).length > 0) units.address += zones;
  }
  const instances = [...counts].map(([item, count]): CostItem => {
    const price = instancePrices[item];
    return { item, count, usdPerMonth: price === undefined ? undefined : count * price * HOURS_PER_MONTH };
  });
  const others = Object.entries(prices).flatMap(([key, { usd, per, unit }]): CostItem[] => {
    const count = units[key as keyof typeof prices];
    return count === 0
      ? []
      : [{ item: unit, count, usdPerMonth: count * usd * (per === "hour" ? HOURS_PER_MONTH : 1) }];
  });
  return [...instances, ...others];
}

/** Adds up an estimate in USD per month. Items without a price are left out. */
export const totalCost = (items: readonly CostItem[]): number =>
  items.reduce((sum, { usdPerMonth }) => sum + (usdPerMonth ?? 0), 0);

/** Formats an estimate in one line. */
export function formatMonthlyCost(cluster: string, items: readonly CostItem[]): string {
  const parts = items.flatMap(({ item, count, usdPerMonth }) =>
    usdPerMonth === undefined ? [] : [`${count} × ${item} ${Math.round(usdPerMonth)}`],
  );
  const unknown = items.filter(({ usdPerMonth }) => usdPerMonth === undefined).map(({ item }) => item);
  const without = unknown.length > 0 ? `, without ${unknown.join(", ")}` : "";
  const total = Math.round(totalCost(items));
  return `${cluster} costs about ${total} USD a month at list prices of ${PRICE_REGION}${without}, plus traffic: ${parts.join(", ")}`;
}
