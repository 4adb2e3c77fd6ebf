import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import pc from "picocolors";

import { SYSTEM_NAMESPACE } from "../../charts/system/namespaces";
import { MEASURED_LINKS, NODE_AGENT, NODE_AGENT_NAMESPACE } from "../../charts/system/node-agent-names";
import { formatAgo } from "./ago";
import type { MeasuredLinksStatus } from "./report";

interface Link {
  readonly from: string;
  readonly to: string;
  readonly at?: string;
}

/** Reads the links that the nodes of a cluster measured, as the node controller writes them; undefined if there are none. */
export async function readMeasuredLinks(core: CoreV1Api): Promise<string | undefined> {
  const name = { namespace: SYSTEM_NAMESPACE, name: MEASURED_LINKS };
  return core.readNamespacedConfigMap(name).then(
    ({ data }) => data?.["links.json"],
    // The cluster has no node agents, or the user may not read it.
    (error: unknown) => {
      const { code } = error as { code?: unknown };
      if (code === 403 || code === 404) return undefined;
      throw error;
    },
  );
}

function parseLinks(text: string | undefined): readonly Link[] {
  try {
    return (JSON.parse(text ?? "{}") as { readonly links?: readonly Link[] }).links ?? [];
  } catch {
    return [];
  }
}

const isAgent = ({ metadata }: V1Pod): boolean =>
  metadata?.namespace === NODE_AGENT_NAMESPACE && metadata.labels?.["app.kubernetes.io/name"] === NODE_AGENT;

/**
 * Derives which pairs of regions with node agents have a measured link. Empty if no two regions have agents.
 *
 * @param pods those that run, and are not simulated
 * @param links what {@link readMeasuredLinks} returned
 */
export function measuredLinksStatus(
  cluster: string,
  pods: readonly V1Pod[],
  regionOf: ReadonlyMap<string, string>,
  links: string | undefined,
): MeasuredLinksStatus[] {
  const regions = new Set(pods.filter(isAgent).map(({ spec }) => regionOf.get(spec?.nodeName ?? "") ?? ""));
  regions.delete("");
  if (regions.size < 2) return [];
  // Each link is listed in both directions.
  const measured = parseLinks(links).filter(({ from, to }) => from < to && regions.has(from) && regions.has(to));
  const oldest = measured.map(({ at = "" }) => at).sort()[0];
  return [
    {
      cluster,
      pairs: (regions.size * (regions.size - 1)) / 2,
      measured: measured.length,
      ...(oldest && { oldest }),
    },
  ];
}

/** Renders one line per cluster. */
export const renderMeasuredLinks = (all: readonly MeasuredLinksStatus[], now: Date): string[] =>
  all.map(({ cluster, pairs, measured, oldest }) => {
    const share = measured === pairs ? `${pairs}` : pc.yellow(`${measured} of ${pairs}`);
    const age = oldest === undefined ? "" : `, the oldest ${formatAgo(oldest, now)}`;
    return `  ${cluster}: ${share} ${pairs === 1 ? "link" : "links"} between regions measured${age}`;
  });

/** Returns what `skerry up` says about measured links: nothing if no cluster has node agents in several regions. */
export function renderLinksSummary(all: readonly MeasuredLinksStatus[]): string[] {
  if (all.length === 0) return [];
  const sum = (of: (each: MeasuredLinksStatus) => number): number => all.reduce((total, each) => total + of(each), 0);
  const [pairs, measured] = [sum((each) => each.pairs), sum((each) => each.measured)];
  const line = `  links: ${measured} of ${pairs} between regions measured`;
  return [measured === pairs ? line : pc.yellow(line)];
}
