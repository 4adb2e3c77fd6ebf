import { devices } from "../devices";
import { formatPath, type Problem, formatValue, describeUnknown } from "../problem";
import type { Readable } from "./readable";

type Path = readonly PropertyKey[];

/** A list that names the same thing twice. */
function repeated(path: Path, names: readonly (string | undefined)[]): Problem[] {
  return names.flatMap((name, index) => {
    const before = names.indexOf(name);
    if (name === undefined || before === index) return [];
    const message = `got ${formatValue(name)}, which ${formatPath([...path, before])} names already: leave one out`;
    return [{ path: formatPath([...path, index]), message }];
  });
}

/** Regions, devices and clusters that are named are there, and in a list once. */
export function checkReferences({ links, clusters, workloads, regionNames, clusterNames }: Readable): Problem[] {
  const problems: Problem[] = [];
  const refer = (path: Path, got: string | undefined, names: readonly string[]): void => {
    if (got !== undefined && !names.includes(got)) {
      problems.push({ path: formatPath(path), message: describeUnknown(got, names) });
    }
  };
  // A name that could not be read is a problem already; those that may refer to it are not.
  const region = (path: Path, got: string | undefined): void =>
    void (regionNames.all && refer(path, got, regionNames.known));
  const device = (path: Path, got: string | undefined): void => refer(path, got, Object.keys(devices));
  for (const { path, value } of links) {
    region([...path, "from"], value.from);
    region([...path, "to"], value.to);
  }
  for (const { path, value, nodePools, brokers } of clusters) {
    region([...path, "homeRegion"], value.homeRegion);
    device([...path, "serverDevice"], value.serverDevice);
    for (const pool of nodePools) {
      region([...pool.path, "region"], pool.value.region);
      device([...pool.path, "device"], pool.value.device);
    }
    for (const broker of brokers) region([...broker.path, "region"], broker.value.region);
  }
  for (const { path, value } of workloads) {
    const named = value.clusters ?? [];
    named.forEach((name, index) => {
      if (clusterNames.all) refer([...path, "clusters", index], name, clusterNames.known);
    });
    problems.push(...repeated([...path, "clusters"], named));
    const { placement } = value;
    if (placement?.kind === "region") region([...path, "placement", "region"], placement.region);
    if (placement?.kind === "each-region") {
      placement.regions?.forEach((name, index) => region([...path, "placement", "regions", index], name));
      problems.push(...repeated([...path, "placement", "regions"], placement.regions ?? []));
    }
    if (placement?.kind === "every-node") device([...path, "placement", "device"], placement.device);
  }
  return problems;
}
