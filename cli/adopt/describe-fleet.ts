import { cloudRegionCodes } from "../../fleet/cloud-region-codes";
import { cloudRegions } from "../../fleet/cloud-regions";
import { type ObservedCluster, regionOf } from "../../fleet/existing/observed-cluster";
import { BUILT_IN_NAMESPACES } from "../../fleet/kubernetes/object";
import type { KubeconfigReference } from "../../fleet/model";
import { isDnsLabel } from "../../fleet/reading/forms";
import { type AdoptedPool, describePools, unfinished } from "./pools";

/** A cluster to adopt. */
export interface FoundCluster {
  /** Its name in the fleet, a DNS label. */
  readonly name: string;
  readonly kubeconfig: KubeconfigReference;
  readonly observed: ObservedCluster;
}

/** A fleet as adopted: a `FleetInput`, in which some values may have to be filled in. */
export interface AdoptedFleet {
  readonly name: string;
  readonly regions: readonly {
    readonly name: string;
    readonly latitude: number | string;
    readonly longitude: number | string;
  }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly kubeconfig: KubeconfigReference;
    readonly homeRegion: string;
    readonly kubernetesVersion: string;
    readonly servers?: number;
    readonly systemPool?: string;
    readonly existingNamespaces?: readonly string[];
    readonly nodePools: readonly AdoptedPool[];
  }[];
}

function describeRegion(name: string): AdoptedFleet["regions"][number] {
  const known = cloudRegions.find((region) => region.name === name);
  if (known) return known;
  const [latitude, longitude] = cloudRegionCodes[name] ?? [
    unfinished(`degrees north of region ${name}`),
    unfinished(`degrees east of region ${name}`),
  ];
  return { name, latitude, longitude };
}

/** The numbers of servers that a fleet can state. */
const SERVERS = [5, 3, 1];

/** Returns the region of most pools' nodes, the first one in alphabetical order. */
function largestRegion(pools: readonly AdoptedPool[]): string {
  const nodes = new Map<string, number>();
  for (const { region, count } of pools) nodes.set(region, (nodes.get(region) ?? 0) + count);
  const [largest] = [...nodes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return largest![0];
}

/** Returns the pool for Skerry's programs: in the cloud and without taints if possible, then the largest. */
function chooseSystemPool(pools: readonly AdoptedPool[]): string {
  const rank = ({ role, taints = [], count }: AdoptedPool): number =>
    (role === "cloud-worker" ? 2e9 : 0) + (taints.length === 0 ? 1e9 : 0) + count;
  return [...pools].sort((a, b) => rank(b) - rank(a) || (a.name < b.name ? -1 : 1))[0]!.name;
}

function describeCluster({ name, kubeconfig, observed }: FoundCluster): AdoptedFleet["clusters"][number] {
  const servers = observed.nodes.filter(({ controlPlane }) => controlPlane);
  const nodePools = describePools(observed.nodes, name);
  if (nodePools.length === 0) {
    throw new Error(
      `cluster ${name}: has no nodes other than ${servers.length} control-plane nodes, which cannot be in a node pool`,
    );
  }
  const serverRegion = servers.map(regionOf).find((region) => region !== undefined && isDnsLabel(region));
  const namespaces = observed.namespaces.filter((each) => !BUILT_IN_NAMESPACES.includes(each)).sort();
  const count = SERVERS.find((each) => each <= servers.length);
  return {
    name,
    kubeconfig,
    homeRegion: serverRegion ?? largestRegion(nodePools),
    kubernetesVersion: /^v?(\d+\.\d+\.\d+)/.exec(observed.version)?.[1] ?? unfinished("version of the cluster"),
    ...(count === undefined ? { systemPool: chooseSystemPool(nodePools) } : count > 1 && { servers: count }),
    ...(namespaces.length > 0 && { existingNamespaces: namespaces }),
    nodePools,
  };
}

/**
 * Describes existing clusters as a fleet. What a cluster does not tell is marked for the user to fill in. Equal clusters give
 * equal fleets.
 *
 * @throws Error if a cluster has no nodes that a pool may select
 */
export function describeFleet(name: string, found: readonly FoundCluster[]): AdoptedFleet {
  const clusters = found.map(describeCluster);
  const regions = clusters.flatMap(({ homeRegion, nodePools }) => [
    homeRegion,
    ...nodePools.map(({ region }) => region),
  ]);
  return { name, regions: [...new Set(regions)].filter(isDnsLabel).sort().map(describeRegion), clusters };
}
