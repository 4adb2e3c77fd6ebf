import { renderFleet, type RenderOptions } from "../charts/render";
import { EDGE_SCHEDULER } from "../fleet/labels";
import { renderNodes } from "../fleet/kubernetes/node";
import type { KubeObject } from "../fleet/kubernetes/object";
import { linkMatrix } from "../fleet/links";
import { nodePrices } from "../fleet/prices";
import type { Fleet, Region } from "../fleet/model";
import { withoutSecretValues } from "./secrets";
import type { ClusterState } from "./simulator/protocol";

/** Version of {@link Rendering}. */
export const RENDERING_VERSION = 1;

/** A fleet as one revision renders it: what `skerry render` writes and a preview compares. */
export interface Rendering {
  readonly version: typeof RENDERING_VERSION;
  readonly fleet: string;
  readonly clusters: readonly RenderedState[];
  readonly regions: readonly Region[];
  /** Round trips in ms between the regions of the fleet. */
  readonly links: readonly { readonly from: string; readonly to: string; readonly rttMs: number }[];
  /** Currency of the prices; absent if the fleet states none. */
  readonly currency?: string;
}

/** The desired state of one cluster. */
export interface RenderedState extends ClusterState {
  readonly name: string;
  readonly kubernetesVersion: string;
  /** Whether Skerry did not create the cluster, so that it has other nodes than those in the rendering. */
  readonly existing?: true;
  /** Price per hour of each node that has one, by name. */
  readonly prices?: Readonly<Record<string, number>>;
}

const isSchedulerConfig = ({ kind, metadata }: KubeObject): boolean =>
  kind === "ConfigMap" && metadata.name === EDGE_SCHEDULER;

/** The configurations of the schedulers among the objects of a cluster. */
function schedulerConfigurations(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(isSchedulerConfig)
    .flatMap(({ data }) => Object.values((data ?? {}) as Readonly<Record<string, string>>))
    .filter((text) => /^kind: KubeSchedulerConfiguration$/m.test(text));
}

/**
 * Renders a fleet to the desired state of each cluster, without the values of Secrets. Equal fleets give equal renderings.
 *
 * @param fleet a parsed fleet
 * @param options the team's charts, and the policy that the API servers enforce
 */
export function renderStates(fleet: Fleet, options: RenderOptions = {}): Rendering {
  const rendered = renderFleet(fleet, options);
  return {
    version: RENDERING_VERSION,
    fleet: fleet.name,
    clusters: rendered.map(({ cluster: name, definitions, objects }) => {
      const cluster = fleet.clusters.find((each) => each.name === name)!;
      const { nodes, profiles } = renderNodes(cluster);
      return {
        name: cluster.name,
        kubernetesVersion: cluster.kubernetesVersion,
        ...(cluster.kubeconfig && { existing: true as const }),
        nodes,
        objects: [...definitions, ...profiles, ...objects.map(withoutSecretValues)],
        schedulerConfigurations: schedulerConfigurations(objects),
        ...(fleet.prices && { prices: nodePrices(fleet.prices, cluster) }),
      };
    }),
    regions: fleet.regions.map(({ name, latitude, longitude }) => ({ name, latitude, longitude })),
    links: linkMatrix(fleet).map(({ from, to, rttMs }) => ({ from, to, rttMs })),
    ...(fleet.prices && { currency: fleet.prices.currency }),
  };
}
