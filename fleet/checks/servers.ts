import { devices } from "../devices";
import { formatPath, formatValue, type Problem } from "../problem";
import { type FleetParts, isExisting } from "./fleet-parts";

/** Least memory of a K3s server, in MiB. Source: K3s documentation, "Requirements". */
const MIN_SERVER_MIB = 2048;

/** Checks that server devices meet the hardware requirements of K3s. Existing clusters have their servers. */
export function checkServers({ clusters }: FleetParts): Problem[] {
  const created = clusters.filter((cluster) => !isExisting(cluster));
  return created.flatMap(({ path, value: { serverDevice, servers } }) => {
    const capacity = serverDevice === undefined ? undefined : devices[serverDevice]?.capacity;
    const report = (message: string): Problem[] => [{ path: formatPath([...path, "serverDevice"]), message }];
    if (capacity === undefined) return [];
    const got = formatValue(serverDevice);
    if (capacity.memoryMiB < MIN_SERVER_MIB) {
      const rule = `must be a device with at least ${MIN_SERVER_MIB} MiB of memory, which a K3s server requires`;
      return report(`${rule}, got ${got} with ${capacity.memoryMiB} MiB`);
    }
    // Source: K3s documentation, "Requirements", on etcd and SD cards.
    if (servers !== undefined && servers > 1 && capacity.disk === "sd") {
      const rule = "must not be a device with an SD card, which is too slow for etcd";
      return report(`${rule}, got ${got}: choose a device with an SSD, or one server`);
    }
    return [];
  });
}
