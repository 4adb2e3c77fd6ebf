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

/** Describes the nodes that violate a requirement by the first: `tokyo-gw-01 runs v1.36.3+k3s1 (and 3 other nodes)`. */
function describeNodes([first, ...others]: readonly NodeVersion[]): string {
  const rest = others.length === 0 ? "" : ` (and ${others.length} other ${others.length === 1 ? "node" : "nodes"})`;
  return `${first?.name} runs ${first?.version}${rest}`;
}

/**
 * Returns why a cluster must not change to a version, all reasons at once: a version that Skerry does not support, a
 * downgrade, a skipped minor version, or agents that would become newer than their servers, or are too old for them. A node that
 * already runs the version is no reason. Agents that are newer than servers which already run the version are none either: that is
 * how a restore of the time before an upgrade leaves them, and only new machines can change it.
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

  const serversChange = servers.some(({ parsed }) => compareK3sVersions(parsed, target) !== 0);
  const newerServers = servers.filter(isNewer);
  const skipping = servers.filter((server) => !isNewer(server) && isMinorSkipped(server));
  const newerAgents = agents.filter(isNewer);
  const oldAgents = agents.filter((agent) => !isNewer(agent) && isTooOld(agent));
  const next = `${target.major}.${(skipping[0]?.parsed.minor ?? 0) + 1}`;
  const unsupported = describeUnsupported(target);
  const refuse = (nodes: readonly NodeVersion[], reason: string): string[] =>
    nodes.length === 0 ? [] : [`${describeNodes(nodes)}: ${reason}`];
  return [
    ...(unsupported ? [`version ${unsupported}, got ${wanted}`] : []),
    ...refuse(unreadable, "this is not a version of K3s"),
    ...refuse(
      newerServers,
      `a server must not be newer than ${wanted}, because K3s cannot be downgraded; to go back, restore a snapshot that ` +
        "the old version took",
    ),
    ...refuse(skipping, `an upgrade to ${wanted} would skip a minor version; upgrade to ${next} first`),
    ...refuse(
      serversChange ? newerAgents : [],
      `an agent must not be newer than its servers, which would run ${wanted}`,
    ),
    ...refuse(
      oldAgents,
      `an agent must be at most ${MAX_AGENT_SKEW} minor versions older than its servers, which would run ${wanted}; ` +
        "upgrade or remove it first",
    ),
  ];
}

/** Whether a version is newer than another. False if one of them is not a version of K3s. */
export function isNewerVersion(version: string, than: string): boolean {
  const [parsed, other] = [parseK3sVersion(version), parseK3sVersion(than)];
  return parsed !== undefined && other !== undefined && compareK3sVersions(parsed, other) > 0;
}

/** Whether any server does not run the wanted version, or any agent runs an older one. */
export const needsUpgrade = ({ servers, agents }: ClusterVersions, wanted: string): boolean =>
  servers.some(({ version }) => version !== wanted) ||
  agents.some(({ version }) => version !== wanted && !isNewerVersion(version, wanted));
