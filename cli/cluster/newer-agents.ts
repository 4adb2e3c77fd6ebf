import { k3sVersionOf } from "../../fleet/k3s/version";
import type { ClusterSpec } from "../../fleet/model";
import { isNewerVersion } from "../../fleet/upgrades/check-upgrade";
import type { LiveVersions } from "./upgrade-plan";

/** Most nodes that are named. */
const NAMED = 5;

/**
 * Returns what to do about agents that run a newer K3s than the fleet states, or undefined if there are none. A restore of the
 * time before an upgrade leaves such agents, and Kubernetes does not support agents that are newer than their servers.
 */
export function describeNewerAgents(cluster: ClusterSpec, live: LiveVersions): string | undefined {
  if ("problem" in live) return undefined;
  const version = k3sVersionOf(cluster);
  const names = live.agents.filter((agent) => isNewerVersion(agent.version, version)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const others = names.length - NAMED;
  const named = [...names.slice(0, NAMED), ...(others > 0 ? [`${others} others`] : [])].join(", ");
  return (
    `agents that are newer than ${version}: ${named}; replace their machines: raise the generation of their pools in the ` +
    "fleet before the next update"
  );
}
