import { architecturesOf } from "../k3s/release";
import { formatPath, type Problem } from "../problem";
import type { ClusterPart, FleetParts } from "./fleet-parts";

function checkRelease({ path, value, nodePools }: ClusterPart): Problem[] {
  const { k3s, serverDevice } = value;
  if (k3s?.source === undefined && k3s?.sha256 === undefined) return [];
  const pools = nodePools.map((pool) => pool.value);
  const missing = architecturesOf({ serverDevice, nodePools: pools }).filter((name) => !(name in (k3s.sha256 ?? {})));
  if (missing.length === 0) return [];
  const files = missing.map((name) => `sha256sum-${name}.txt`).join(" and ");
  const message = `must have the SHA-256 of the binary for ${missing.join(" and ")}: copy it from ${files} of the release`;
  return [{ path: formatPath([...path, "k3s", "sha256"]), message }];
}

/** Checks that a cluster that states where its K3s release is has every checksum that its machines need. */
export const checkReleases = ({ clusters }: FleetParts): Problem[] => clusters.flatMap(checkRelease);
