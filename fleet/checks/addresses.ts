import { type AddressBlock, addressBlock, overlap } from "../address-block";
import { formatPath, type Problem } from "../problem";
import type { ClusterPart, Readable } from "./readable";

/** kube-apiserver's bound for service addresses: 20 bits. */
const WIDEST_SERVICE_MASK = 12;
/** kube-controller-manager's bound for the bits between the cluster's range and a node's share. */
const MOST_NODE_BITS = 16;

/** Whether no pod and no service can have a range's addresses: this host, loopback, link-local, multicast and above (RFC 6890). */
function unusable({ first }: AddressBlock): boolean {
  const [a, b] = [Math.floor(first / 2 ** 24), Math.floor(first / 2 ** 16) % 256];
  return a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254);
}

function clusterProblems({ path, value, nodePools }: ClusterPart): Problem[] {
  const { clusterCidr, serviceCidr, nodeCidrMaskSize: share, servers = 1 } = value;
  const problems: Problem[] = [];
  const report = (key: string, message: string): void =>
    void problems.push({ path: formatPath([...path, key]), message });
  const pods = clusterCidr === undefined ? undefined : addressBlock(clusterCidr);
  const services = serviceCidr === undefined ? undefined : addressBlock(serviceCidr);
  const kept = "is kept for other uses (RFC 6890): choose a private range, as 10.42.0.0/16";
  if (pods && unusable(pods)) report("clusterCidr", `got ${clusterCidr}, which ${kept}`);
  if (services && unusable(services)) {
    report("serviceCidr", `got ${serviceCidr}, which ${kept}`);
  }
  if (services && services.mask < WIDEST_SERVICE_MASK) {
    report("serviceCidr", `got ${serviceCidr}, allowed is a range of /${WIDEST_SERVICE_MASK} or smaller`);
  }
  if (pods && services && overlap(pods, services)) {
    const message = `got ${serviceCidr}, which overlaps clusterCidr ${clusterCidr}: pods and services need ranges of their own`;
    report("serviceCidr", message);
  }
  if (!pods || share === undefined) return problems;
  if (share <= pods.mask || share > pods.mask + MOST_NODE_BITS) {
    const most = Math.min(28, pods.mask + MOST_NODE_BITS);
    report("nodeCidrMaskSize", `got ${share}, allowed is ${pods.mask + 1} to ${most} in clusterCidr ${clusterCidr}`);
    return problems;
  }
  const room = 2 ** (share - pods.mask);
  const range = `${clusterCidr} with /${share} a node`;
  const widen = "widen clusterCidr, or give each node a smaller share by nodeCidrMaskSize";
  const tooBig = nodePools.filter((pool) => (pool.value.count ?? 0) + servers > room);
  for (const pool of tooBig) {
    const message = `got ${pool.value.count}, at most ${room - servers} in ${range}: ${widen}`;
    problems.push({ path: formatPath([...pool.path, "count"]), message });
  }
  // A count that could not be read adds nothing: what is too many without it is too many with it.
  const total = nodePools.reduce((sum, pool) => sum + (pool.value.count ?? 0), 0) + servers;
  if (tooBig.length === 0 && total > room) {
    report("nodePools", `got ${total} nodes in all, servers too; at most ${room} in ${range}: ${widen}`);
  }
  return problems;
}

/** Every node finds its share of pod addresses, and ranges do not overlap. */
export const checkAddresses = ({ clusters }: Readable): Problem[] => clusters.flatMap(clusterProblems);
