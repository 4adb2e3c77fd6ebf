import { pathText, type Problem, shown } from "../problem";
import type { ClusterPart, Readable } from "./readable";

interface Block {
  readonly first: number;
  readonly size: number;
  readonly mask: number;
}

/** Reads an IPv4 range like 10.42.0.0/16; undefined when it is none, or when its address is not the range's first. */
function block(text: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, mask] = match.slice(1).map(Number) as [number, number, number, number, number];
  if (Math.max(a, b, c, d) > 255 || mask < 8 || mask > 30) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - mask);
  return first % size === 0 ? { first, size, mask } : undefined;
}

function clusterProblems({ path, value, nodePools, complete }: ClusterPart): Problem[] {
  const problems: Problem[] = [];
  const read = (key: "clusterCidr" | "serviceCidr"): Block | undefined => {
    const found = block(value[key]);
    if (!found) {
      const message = `got ${shown(value[key])}, allowed is an IPv4 range from its first address on, /8 to /30, as 10.42.0.0/16`;
      problems.push({ path: pathText([...path, key]), message });
    }
    return found;
  };
  const pods = read("clusterCidr");
  const services = read("serviceCidr");
  if (pods && services && pods.first < services.first + services.size && services.first < pods.first + pods.size) {
    const message = `got ${value.serviceCidr}, which overlaps clusterCidr ${value.clusterCidr}: pods and services need ranges of their own`;
    problems.push({ path: pathText([...path, "serviceCidr"]), message });
  }
  if (!pods) return problems;
  const share = value.nodeCidrMaskSize;
  if (share <= pods.mask) {
    const message = `got ${share}, allowed is more than ${pods.mask}, the prefix length of clusterCidr`;
    return [...problems, { path: pathText([...path, "nodeCidrMaskSize"]), message }];
  }
  const room = 2 ** (share - pods.mask);
  const range = `${value.clusterCidr} with /${share} a node`;
  const widen = "widen clusterCidr, or give each node a smaller share by nodeCidrMaskSize";
  const tooBig = nodePools.filter((pool) => pool.value.count + value.servers > room);
  for (const pool of tooBig) {
    const message = `got ${pool.value.count}, at most ${room - value.servers} in ${range}: ${widen}`;
    problems.push({ path: pathText([...pool.path, "count"]), message });
  }
  const total = nodePools.reduce((sum, pool) => sum + pool.value.count, 0) + value.servers;
  if (complete && tooBig.length === 0 && total > room) {
    const message = `got ${total} nodes in all, servers too; at most ${room} in ${range}: ${widen}`;
    problems.push({ path: pathText([...path, "nodePools"]), message });
  }
  return problems;
}

/** Every node finds its share of pod addresses, and ranges do not overlap. */
export const checkAddresses = ({ clusters }: Readable): Problem[] => clusters.flatMap(clusterProblems);
