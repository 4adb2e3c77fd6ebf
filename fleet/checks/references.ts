import { devices } from "../devices";
import { pathText, type Problem, unknown } from "../problem";
import type { Readable } from "./readable";

/** Regions, devices and clusters that are named are there. */
export function checkReferences({ regions, links, clusters, workloads, allRegions }: Readable): Problem[] {
  const known = regions.map(({ value }) => value.name);
  const problems: Problem[] = [];
  const refer = (path: readonly PropertyKey[], got: string | undefined, names: readonly string[]): void => {
    if (got !== undefined && !names.includes(got))
      problems.push({ path: pathText(path), message: unknown(got, names) });
  };
  // A region that could not be read is a problem already; those that name it are not.
  const region = (path: readonly PropertyKey[], got: string): void => void (allRegions && refer(path, got, known));
  for (const { path, value } of links) {
    region([...path, "from"], value.from);
    region([...path, "to"], value.to);
  }
  for (const { path, value, nodePools, brokers } of clusters) {
    region([...path, "homeRegion"], value.homeRegion);
    refer([...path, "serverDevice"], value.serverDevice, Object.keys(devices));
    for (const pool of nodePools) {
      region([...pool.path, "region"], pool.value.region);
      refer([...pool.path, "device"], pool.value.device, Object.keys(devices));
    }
    for (const broker of brokers) region([...broker.path, "region"], broker.value.region);
  }
  const clusterNames = clusters.map(({ value }) => value.name);
  for (const { path, value } of workloads) {
    value.clusters?.forEach((name, index) => refer([...path, "clusters", index], name, clusterNames));
    const { placement } = value;
    if (placement.kind === "region") region([...path, "placement", "region"], placement.region);
    if (placement.kind === "each-region") {
      placement.regions.forEach((name, index) => region([...path, "placement", "regions", index], name));
    }
    if (placement.kind === "every-node")
      refer([...path, "placement", "device"], placement.device, Object.keys(devices));
  }
  return problems;
}
