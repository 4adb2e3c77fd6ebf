import { devices } from "../devices";
import { formatPath, type Problem, formatValue } from "../problem";
import type { Readable } from "./readable";

/** K3s's least for a server, in MiB. Source: K3s documentation, "Requirements". */
const LEAST_SERVER_MIB = 2048;

/** Servers are on hardware that can carry what runs on them. */
export function checkServers({ clusters }: Readable): Problem[] {
  return clusters.flatMap(({ path, value: { serverDevice, servers } }) => {
    const capacity = serverDevice === undefined ? undefined : devices[serverDevice]?.capacity;
    const report = (why: string): Problem[] => [
      { path: formatPath([...path, "serverDevice"]), message: `got ${formatValue(serverDevice)}, ${why}` },
    ];
    if (capacity === undefined) return [];
    if (capacity.memoryMiB < LEAST_SERVER_MIB) {
      return report(`which has ${capacity.memoryMiB} MiB of memory: a K3s server needs ${LEAST_SERVER_MIB}`);
    }
    // Source: K3s documentation, "Requirements", on etcd and SD cards.
    if (servers !== undefined && servers > 1 && capacity.disk === "sd") {
      return report("whose SD card is too slow for etcd: choose a device with an SSD, or one server");
    }
    return [];
  });
}
