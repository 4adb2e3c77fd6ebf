import { type AddressBlock, overlaps, parseAddressBlock } from "../address-block";
import { formatPath, type Problem } from "../problem";
import { type ClusterPart, type FleetParts, isExisting } from "./fleet-parts";

/** Shortest mask of a service range: kube-apiserver allows 20 bits of addresses. */
const MIN_SERVICE_MASK = 12;
/** Most bits between the masks of the cluster's range and of a node's range that kube-controller-manager allows. */
const MAX_NODE_BITS = 16;

/** Reports whether a range is reserved by RFC 6890: this host, loopback, link-local, multicast and above. */
function isReserved({ first }: AddressBlock): boolean {
  const [a, b] = [Math.floor(first / 2 ** 24), Math.floor(first / 2 ** 16) % 256];
  return a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254);
}

function checkCluster({ path, value, nodePools }: ClusterPart): Problem[] {
  const { clusterCidr, serviceCidr, nodeCidrMaskSize, servers = 1 } = value;
  const problems: Problem[] = [];
  const report = (key: string, message: string): void =>
    void problems.push({ path: formatPath([...path, key]), message });
  const pods = clusterCidr === undefined ? undefined : parseAddressBlock(clusterCidr);
  const services = serviceCidr === undefined ? undefined : parseAddressBlock(serviceCidr);
  const unreserved = "must not be a range that RFC 6890 reserves";
  const choosePrivate = "choose a private range such as 10.42.0.0/16";
  if (pods && isReserved(pods)) report("clusterCidr", `${unreserved}, got ${clusterCidr}: ${choosePrivate}`);
  if (services && isReserved(services)) report("serviceCidr", `${unreserved}, got ${serviceCidr}: ${choosePrivate}`);
  if (services && services.mask < MIN_SERVICE_MASK) {
    report("serviceCidr", `must be a range of /${MIN_SERVICE_MASK} or smaller, got ${serviceCidr}`);
  }
  if (pods && services && overlaps(pods, services)) {
    report("serviceCidr", `must not overlap clusterCidr ${clusterCidr}, got ${serviceCidr}`);
  }
  if (!pods || nodeCidrMaskSize === undefined) return problems;
  if (nodeCidrMaskSize <= pods.mask || nodeCidrMaskSize > pods.mask + MAX_NODE_BITS) {
    const max = Math.min(28, pods.mask + MAX_NODE_BITS);
    const rule = `must be between ${pods.mask + 1} and ${max} with clusterCidr ${clusterCidr}`;
    report("nodeCidrMaskSize", `${rule}, got ${nodeCidrMaskSize}`);
    return problems;
  }
  const maxNodes = 2 ** (nodeCidrMaskSize - pods.mask);
  const range = `${clusterCidr} with a /${nodeCidrMaskSize} per node`;
  const remedy = "widen clusterCidr, or increase nodeCidrMaskSize to give each node fewer addresses";
  const tooLarge = nodePools.filter((pool) => (pool.value.count ?? 0) + servers > maxNodes);
  for (const pool of tooLarge) {
    const message = `must be at most ${maxNodes - servers} in ${range}, got ${pool.value.count}: ${remedy}`;
    problems.push({ path: formatPath([...pool.path, "count"]), message });
  }
  // A count that could not be read adds nothing: a total that is too high without it is too high with it.
  const total = nodePools.reduce((sum, pool) => sum + (pool.value.count ?? 0), 0) + servers;
  if (tooLarge.length === 0 && total > maxNodes) {
    report("nodePools", `must have at most ${maxNodes} nodes, servers included, in ${range}, got ${total}: ${remedy}`);
  }
  return problems;
}

/** Checks that address ranges are usable, do not overlap, and have room for a range per node. Existing clusters have theirs. */
export const checkAddresses = ({ clusters }: FleetParts): Problem[] =>
  clusters.filter((cluster) => !isExisting(cluster)).flatMap(checkCluster);
