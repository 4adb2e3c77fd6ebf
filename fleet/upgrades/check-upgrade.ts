import {
  compareK3sVersions,
  describeUnsupported,
  K3S_VERSION_RULE,
  type K3sVersion,
  parseK3sVersion,
} from "../k3s/version";

/** A node and the K3s version that it runs. */
export interface NodeVersion {
  readonly name: string;
  /** As the node reports it, such as `v1.36.3+k3s1`. */
  readonly version: string;
}

/** The nodes of a cluster. */
export interface ClusterVersions {
  readonly servers: readonly NodeVersion[];
  readonly agents: readonly NodeVersion[];
}

/** Minor versions that a kubelet may be older than its API server. Source: Kubernetes, "Version Skew Policy". */
const MAX_AGENT_SKEW = 3;

interface Parsed {
  readonly name: string;
  readonly version: string;
  readonly parsed: K3sVersion;
}

/** Names the first nodes of a list: `tokyo-gw-01 and 3 others`. */
function nameNodes(nodes: readonly { readonly name: string }[]): string {
  const others = nodes.length - 1;
  return `${nodes[0]?.name}${others === 0 ? "" : ` and ${others} ${others === 1 ? "other" : "others"}`}`;
}

/**
 * Returns why a cluster must not change to a version, all reasons at once: a version that Skerry does not support, a
 * downgrade, a skipped minor version, or agents that would be newer than their servers, or too old for them. A node that
 * already runs the version is no reason.
 *
 * @param current the nodes, as they report their versions
 * @param wanted the K3s version that the fleet states
 */
export function checkUpgrade(current: ClusterVersions, wanted: string): string[] {
  const target = parseK3sVersion(wanted);
  if (!target) return [`version ${K3S_VERSION_RULE}, got ${JSON.stringify(wanted)}`];
  const parse = (nodes: readonly NodeVersion[]): Parsed[] =>
    nodes.flatMap((node) => {
      const parsed = parseK3sVersion(node.version);
      return parsed ? [{ ...node, parsed }] : [];
    });
  const [servers, agents] = [parse(current.servers), parse(current.agents)];
  const unreadable = [...current.servers, ...current.agents].filter(({ version }) => !parseK3sVersion(version));
  const isNewer = ({ parsed }: Parsed): boolean => compareK3sVersions(parsed, target) > 0;
  const isMinorSkipped = ({ parsed }: Parsed): boolean =>
    parsed.major !== target.major || target.minor - parsed.minor > 1;
  const isTooOld = ({ parsed }: Parsed): boolean =>
    parsed.major !== target.major || target.minor - parsed.minor > MAX_AGENT_SKEW;

  const reasons: string[] = [];
  const refuse = <T extends NodeVersion>(nodes: readonly T[], describe: (first: T) => string): void => {
    if (nodes[0]) reasons.push(describe(nodes[0]));
  };
  const unsupported = describeUnsupported(target);
  if (unsupported) reasons.push(`version ${unsupported}, got ${wanted}`);
  refuse(
    unreadable,
    ({ version }) => `${nameNodes(unreadable)} reports version ${JSON.stringify(version)}, which is not one of K3s`,
  );
  const newerServers = servers.filter(isNewer);
  refuse(
    newerServers,
    ({ version }) =>
      `${nameNodes(newerServers)} runs ${version}, which is newer than ${wanted}: K3s cannot be downgraded; to go back, ` +
      "restore a snapshot that the old version took",
  );
  const skipping = servers.filter((server) => !isNewer(server) && isMinorSkipped(server));
  refuse(skipping, ({ version, parsed }) => {
    const next = `1.${parsed.minor + 1}`;
    return `${nameNodes(skipping)} runs ${version}: an upgrade to ${wanted} skips a minor version; upgrade to ${next} first`;
  });
  const newerAgents = agents.filter(isNewer);
  refuse(
    newerAgents,
    ({ version }) =>
      `${nameNodes(newerAgents)} runs ${version}: an agent must not be newer than its servers (${wanted})`,
  );
  const tooOld = agents.filter((agent) => !isNewer(agent) && isTooOld(agent));
  refuse(
    tooOld,
    ({ version }) =>
      `${nameNodes(tooOld)} runs ${version}: an agent must be at most ${MAX_AGENT_SKEW} minor versions older than its ` +
      `servers (${wanted}); upgrade or remove it first`,
  );
  return reasons;
}

/** Whether any node runs a version other than the wanted one. */
export function needsUpgrade({ servers, agents }: ClusterVersions, wanted: string): boolean {
  return [...servers, ...agents].some(({ version }) => version !== wanted);
}
