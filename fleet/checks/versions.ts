import { describeUnsupported, k3sVersionOf, kubernetesPart, parseK3sVersion } from "../k3s/version";
import { formatPath, formatValue, type Problem } from "../problem";
import type { FleetParts } from "./fleet-parts";

/** Checks that both versions of a cluster agree, and that Skerry supports the version that it would upgrade a cluster to. */
export function checkVersions({ clusters, upgrades }: FleetParts): Problem[] {
  return clusters.flatMap(({ path, value: { kubernetesVersion, k3s } }): Problem[] => {
    const parsed = parseK3sVersion(k3sVersionOf({ kubernetesVersion, k3s }));
    if (!parsed || kubernetesVersion === undefined) return [];
    const field = k3s?.version === undefined ? ["kubernetesVersion"] : ["k3s", "version"];
    const at = formatPath([...path, ...field]);
    const got = formatValue(k3s?.version ?? kubernetesVersion);
    const unsupported = k3s || upgrades ? describeUnsupported(parsed) : undefined;
    if (unsupported) return [{ path: at, message: `${unsupported}, got ${got}` }];
    if (kubernetesPart(parsed) === kubernetesVersion) return [];
    const message = `must be a release of kubernetesVersion ${kubernetesVersion}, got ${got}: remove kubernetesVersion, which it implies`;
    return [{ path: at, message }];
  });
}
