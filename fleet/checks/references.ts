import { devices } from "../devices";
import { describeUnknown, formatPath, type Problem } from "../problem";
import { findDuplicates } from "./duplicates";
import type { FleetParts } from "./fleet-parts";

type Path = readonly PropertyKey[];

/** Checks that every region, device and cluster that is referred to exists, and that no list refers to one twice. */
export function checkReferences({ links, clusters, workloads, regionNames, clusterNames }: FleetParts): Problem[] {
  const problems: Problem[] = [];
  const checkName = (kind: string, path: Path, got: string | undefined, names: readonly string[]): void => {
    if (got !== undefined && !names.includes(got)) {
      problems.push({ path: formatPath(path), message: describeUnknown(kind, got, names) });
    }
  };
  // A name that could not be read is a problem already; references that may mean it are not.
  const checkRegion = (path: Path, got: string | undefined): void =>
    void (regionNames.complete && checkName("region", path, got, regionNames.names));
  const checkDevice = (path: Path, got: string | undefined): void =>
    checkName("device", path, got, Object.keys(devices));
  for (const { path, value } of links) {
    checkRegion([...path, "from"], value.from);
    checkRegion([...path, "to"], value.to);
  }
  for (const { path, value, nodePools, brokers } of clusters) {
    checkRegion([...path, "homeRegion"], value.homeRegion);
    checkDevice([...path, "serverDevice"], value.serverDevice);
    for (const pool of nodePools) {
      checkRegion([...pool.path, "region"], pool.value.region);
      // The nodes of an existing cluster may be of any device type; their capacity must then be stated.
      if (pool.value.nodes === undefined || pool.value.capacity?.cpuCores === undefined) {
        checkDevice([...pool.path, "device"], pool.value.device);
      }
    }
    for (const broker of brokers) checkRegion([...broker.path, "region"], broker.value.region);
  }
  for (const { path, value } of workloads) {
    const { placement, clusters: targets = [] } = value;
    targets.forEach((name, index) => {
      if (clusterNames.complete) checkName("cluster", [...path, "clusters", index], name, clusterNames.names);
    });
    problems.push(...findDuplicates([...path, "clusters"], targets));
    if (placement?.kind === "region") checkRegion([...path, "placement", "region"], placement.region);
    if (placement?.kind === "each-region") {
      placement.regions?.forEach((name, index) => checkRegion([...path, "placement", "regions", index], name));
      problems.push(...findDuplicates([...path, "placement", "regions"], placement.regions));
    }
    if (placement?.kind === "every-node") checkDevice([...path, "placement", "device"], placement.device);
  }
  return problems;
}
