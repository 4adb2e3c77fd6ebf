import { devices } from "../devices";
import { describeUnknown, formatPath, type Problem } from "../problem";
import type { FleetParts } from "./fleet-parts";

/** Checks that prices are those of known devices, and have a currency. */
export function checkPrices({ prices, hasPrices, clusters }: FleetParts): Problem[] {
  const names = Object.keys(devices);
  const unknown = Object.keys(prices.perHour ?? {}).filter((device) => !names.includes(device));
  const priced = clusters.flatMap(({ nodePools }) => nodePools).filter(({ value }) => value.pricePerHour !== undefined);
  return [
    ...unknown.map((device) => ({
      path: formatPath(["prices", "perHour", device]),
      message: describeUnknown("device", device, names),
    })),
    ...(hasPrices ? [] : priced).map(({ path }) => ({
      path: formatPath([...path, "pricePerHour"]),
      message: "has no currency: set prices.currency of the fleet, such as USD",
    })),
  ];
}
