import { architecturesOf, k3sVersion } from "../k3s/release";
import { formatPath, formatValue, type Problem } from "../problem";
import type { ClusterPart, FleetParts } from "./fleet-parts";

function checkRelease({ path, value, nodePools }: ClusterPart): Problem[] {
  const { k3s, kubernetesVersion, serverDevice } = value;
  if (!k3s) return [];
  const at = (...steps: string[]): string => formatPath([...path, "k3s", ...steps]);
  const problems: Problem[] = [];
  if (kubernetesVersion !== undefined && k3s.version !== undefined) {
    const version = k3sVersion({ k3s: { version: k3s.version }, kubernetesVersion });
    if (!version.startsWith(`v${kubernetesVersion}+`)) {
      const rule = `must be a release of kubernetesVersion ${kubernetesVersion}, such as v${kubernetesVersion}+k3s1`;
      problems.push({ path: at("version"), message: `${rule}, got ${formatValue(version)}` });
    }
  }
  const pools = nodePools.map((pool) => pool.value);
  const missing = architecturesOf({ serverDevice, nodePools: pools }).filter((name) => !(name in (k3s.sha256 ?? {})));
  if ((k3s.source !== undefined || k3s.sha256 !== undefined) && missing.length > 0) {
    const files = missing.map((name) => `sha256sum-${name}.txt`).join(" and ");
    const message = `must have the SHA-256 of the binary for ${missing.join(" and ")}: copy it from ${files} of the release`;
    problems.push({ path: at("sha256"), message });
  }
  return problems;
}

/** Checks that the K3s release of a cluster is the one of its Kubernetes version, and has every checksum that is needed. */
export const checkReleases = ({ clusters }: FleetParts): Problem[] => clusters.flatMap(checkRelease);
