import { nodeNames } from "../nodes";
import { pathText, type Problem, shown } from "../problem";
import type { Part, Readable } from "./readable";

/** Kubernetes' limit for a node's name when it is used as a label, and K3s's for a host name. */
const LONGEST_NODE_NAME = 63;

function doubled(items: readonly Part<{ readonly name: string }>[], what: string): Problem[] {
  const first = new Map<string, string>();
  return items.flatMap(({ path, value: { name } }) => {
    const at = pathText([...path, "name"]);
    const before = first.get(name);
    first.set(name, before ?? at);
    return before
      ? [{ path: at, message: `got ${shown(name)}, which ${before} has: ${what} need names of their own` }]
      : [];
  });
}

/** Names are unique where they must be, and fit where Kubernetes puts them. */
export function checkNames({ regions, clusters, workloads }: Readable): Problem[] {
  const long = clusters.flatMap(({ nodePools }) =>
    nodePools.flatMap(({ path, value }) => {
      const longest = nodeNames(value).at(-1) ?? "";
      if (longest.length <= LONGEST_NODE_NAME) return [];
      const message = `got ${shown(value.name)}: its node ${longest} has ${longest.length} characters, allowed are ${LONGEST_NODE_NAME}`;
      return [{ path: pathText([...path, "name"]), message }];
    }),
  );
  const workloadNames = workloads
    .filter(({ name }) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    .map(({ path, name }) => ({
      path: pathText(path),
      message: `got ${shown(name)}, allowed are 1 to 63 of a-z, 0-9 and -, not at the ends (a DNS label)`,
    }));
  return [
    ...doubled(regions, "regions"),
    ...doubled(clusters, "clusters"),
    ...clusters.flatMap(({ nodePools }) => doubled(nodePools, "node pools of a cluster")),
    ...clusters.flatMap(({ brokers, cloudBroker }) =>
      doubled([...(cloudBroker ? [cloudBroker] : []), ...brokers], "brokers of a cluster"),
    ),
    ...long,
    ...workloadNames,
  ];
}
