import type { Architecture } from "../devices";
import { devices } from "../devices";
import type { ClusterSpec, K3sRelease } from "../model";
import { k3sVersionOf } from "./version";

/** The release of K3s that a machine installs at its first boot. */
export interface K3sInstallation {
  /** Such as `v1.36.3+k3s1`. */
  readonly version: string;
  /** Folder of the release's binaries: an `https` URL, or an `s3` URL of a bucket in the region of the machine. */
  readonly source: string;
  /** SHA-256 of the binary of each architecture. */
  readonly sha256: NonNullable<K3sRelease["sha256"]>;
}

const RELEASES = "https://github.com/k3s-io/k3s/releases/download";

type Cluster = Pick<ClusterSpec, "k3s" | "kubernetesVersion">;

/**
 * Returns the release of K3s that the machines of a cluster install, for their machine document.
 *
 * @returns undefined if the fleet states no checksums: the image of the machines must contain K3s
 */
export function k3sInstallation(cluster: Cluster): K3sInstallation | undefined {
  if (!cluster.k3s?.sha256) return undefined;
  const version = k3sVersionOf(cluster);
  const { sha256, source = `${RELEASES}/${encodeURIComponent(version)}` } = cluster.k3s;
  return { version, source, sha256 };
}

/** Returns the architectures of a cluster's servers and agents, sorted. Devices that the catalogue lacks are omitted. */
export function architecturesOf(cluster: {
  readonly serverDevice?: string | undefined;
  readonly nodePools?: readonly ({ readonly device?: string | undefined } | undefined)[] | undefined;
}): Architecture[] {
  const names = [cluster.serverDevice, ...(cluster.nodePools ?? []).map((pool) => pool?.device)];
  return [...new Set(names.flatMap((name) => devices[name ?? ""]?.architecture ?? []))].sort();
}
