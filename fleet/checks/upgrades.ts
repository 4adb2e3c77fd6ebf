import { isK3sRelease, K3S_VERSION_RULE } from "../k3s/version";
import type { DrainSettings, MaintenanceWindow } from "../model";
import { describeUnknown, formatPath, formatValue, type Problem } from "../problem";
import type { ClusterPart, DeepPartial, FleetParts } from "./fleet-parts";

type Path = readonly PropertyKey[];

function checkWindow(path: Path, window: DeepPartial<MaintenanceWindow> | undefined): Problem[] {
  if (window?.start === undefined || window.end === undefined || window.start < window.end) return [];
  const rule = `must be later than start ${window.start}, got ${formatValue(window.end)}`;
  return [{ path: formatPath([...path, "window", "end"]), message: `${rule}: a window must not span midnight` }];
}

function checkDrain(path: Path, drain: DeepPartial<DrainSettings> | undefined, limit: number | undefined): Problem[] {
  const seconds = drain?.timeoutSeconds;
  if (seconds === undefined || limit === undefined || seconds < limit) return [];
  const message = `must be less than upgrades.nodeTimeoutSeconds ${limit}, which includes the drain, got ${seconds}`;
  return [{ path: formatPath([...path, "drain", "timeoutSeconds"]), message }];
}

/** Checks references to names, and that no name occurs twice. */
function checkReferences(
  path: Path,
  kind: string,
  got: readonly (string | undefined)[],
  names: readonly string[],
  seen = new Set<string>(),
): Problem[] {
  return got.flatMap((name, index): Problem[] => {
    if (name === undefined) return [];
    const at = formatPath([...path, index]);
    if (!names.includes(name)) return [{ path: at, message: describeUnknown(kind, name, names) }];
    if (seen.has(name)) return [{ path: at, message: `duplicate value ${formatValue(name)}: must occur once` }];
    seen.add(name);
    return [];
  });
}

function checkCluster({ path, value, nodePools, allPools }: ClusterPart, policy: FleetParts["upgrades"]): Problem[] {
  const { upgrades } = value;
  if (upgrades === undefined) return [];
  const at = [...path, "upgrades"];
  if (!policy) {
    return [{ path: formatPath(at), message: "requires upgrades of the fleet: add upgrades: {}" }];
  }
  const pools = nodePools.flatMap(({ value: { name } }) => name ?? []);
  const inWaves = new Set<string>();
  return [
    ...checkWindow(at, upgrades.window),
    ...checkDrain(at, upgrades.drain, policy.nodeTimeoutSeconds),
    ...(!allPools
      ? []
      : (upgrades.waves ?? []).flatMap((wave, index) =>
          checkReferences([...at, "waves", index, "pools"], "node pool", wave?.pools ?? [], pools, inWaves),
        )),
  ];
}

/** Checks how clusters are upgraded: names of canaries and pools, windows, and time limits. */
export function checkUpgrades({ upgrades, clusters, clusterNames, regionNames }: FleetParts): Problem[] {
  const canary = ["upgrades", "canary"];
  const { clusters: canaryClusters = [], regions: canaryRegions = [] } = upgrades?.canary ?? {};
  const digests = Object.keys(upgrades?.images?.k3sUpgradeDigests ?? {}).filter((version) => !isK3sRelease(version));
  return [
    ...clusters.flatMap((cluster) => checkCluster(cluster, upgrades)),
    ...checkWindow(["upgrades"], upgrades?.window),
    ...checkDrain(["upgrades"], upgrades?.drain, upgrades?.nodeTimeoutSeconds),
    ...(clusterNames.complete
      ? checkReferences([...canary, "clusters"], "cluster", canaryClusters, clusterNames.names)
      : []),
    ...(regionNames.complete
      ? checkReferences([...canary, "regions"], "region", canaryRegions, regionNames.names)
      : []),
    ...digests.map((version) => ({
      path: formatPath(["upgrades", "images", "k3sUpgradeDigests", version]),
      message: `key ${K3S_VERSION_RULE}, got ${formatValue(version)}`,
    })),
  ];
}
