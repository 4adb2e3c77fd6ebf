import { App, type Chart } from "cdk8s";
import type { ClusterSpec, Fleet, Workload } from "../fleet/model";
import { clustersFor } from "../fleet/placement-targets";
import { resolveEnforcement, type EnforcedPolicy } from "../policies/admission/enforced-policy";
import { rules } from "../policies/rules";
import { AdmissionChart } from "./system/admission";
import { inApplyOrder } from "./apply-order";
import { chartObjects } from "./chart-objects";
import { type DeviceScale, largestDevice } from "./system/device-scale";
import { DefinitionsChart } from "./system/definitions";
import { EdgeSchedulerChart } from "./system/edge-scheduler";
import type { KubeObject } from "../fleet/kubernetes/object";
import { MqttBrokersChart } from "./mqtt/mqtt-brokers";
import { MQTT_NAMESPACE } from "./mqtt/names";
import { NodeControllerChart } from "./system/node-controller";
import { NodePoolsChart } from "./system/node-pools";
import { type Origin, originsOf, stated } from "./origins";
import { regionLinks } from "./system/region-links";
import { NamespacesChart, SYSTEM_NAMESPACE } from "./system/namespaces";
import { WorkloadNetworkChart } from "./workloads/network";
import { WorkloadsChart } from "./workloads/workloads";

/** Everything that one cluster runs, as plain objects. */
export interface RenderedCluster {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Custom resource definitions: applied first, and established before the rest. */
  readonly definitions: KubeObject[];
  /** All other objects, in an order in which they can be applied. */
  readonly objects: KubeObject[];
  /** Where each of them comes from. */
  readonly origins: ReadonlyMap<KubeObject, Origin>;
}

/** What a fleet does not state, but may be rendered with. */
export interface RenderOptions {
  /** What the API servers hold to. @default the rules that Skerry brings, each with its own severity */
  readonly policy?: EnforcedPolicy;
}

/**
 * A fleet as Kubernetes objects, per cluster, in the fleet's order. Pure: equal fleets give equal bytes, nothing is
 * written, and no cloud is asked. Secrets are not among them; `mqtt/secrets.ts` lists those the pods expect.
 *
 * @param fleet parsed, so that every reference in it is known to hold
 * @throws Error when rendered names collide, or a value can't be written into the file it belongs in
 */
export function renderFleet(fleet: Fleet, { policy }: RenderOptions = {}): RenderedCluster[] {
  const shared: Shared = { links: regionLinks(fleet), largest: largestDevice(fleet), policy };
  return fleet.clusters.map((cluster, index) => renderCluster(cluster, index, workloadsOf(fleet, cluster), shared));
}

/** What all clusters are told of the fleet as a whole. */
interface Shared {
  readonly links: string;
  readonly largest: DeviceScale | undefined;
  readonly policy: EnforcedPolicy | undefined;
}

function renderCluster(
  cluster: ClusterSpec,
  index: number,
  workloads: Readonly<Record<string, Workload>>,
  { links, largest, policy }: Shared,
): RenderedCluster {
  // One app a chart: a chart that is rendered validates its whole app.
  const app = (): App => new App();
  const { cloudBroker } = cluster;
  const path = `clusters[${index}]`;
  const nodes = cluster.nodePools.reduce<number>((sum, { count }) => sum + count, cluster.servers);
  const charts: Chart[] = [
    new NamespacesChart(app(), "namespaces", {
      restricted: [SYSTEM_NAMESPACE, ...(cloudBroker === undefined ? [] : [MQTT_NAMESPACE])],
      shared: Object.values(workloads).map(({ namespace }) => namespace),
    }),
    new AdmissionChart(app(), "admission", {
      kubernetesVersion: cluster.kubernetesVersion,
      ...(policy && resolveEnforcement(policy, cluster.name, rules)),
    }),
    new EdgeSchedulerChart(app(), "edge-scheduler", {
      links,
      nodes,
      config: largest ? { resourceProfile: { scale: largest } } : {},
    }),
    new NodeControllerChart(app(), "node-controller", { nodes }),
    stated(new NodePoolsChart(app(), "node-pools", { cluster }), path),
    ...(cloudBroker === undefined
      ? []
      : [stated(new MqttBrokersChart(app(), "mqtt", { cluster, cloud: cloudBroker }), path)]),
    new WorkloadsChart(app(), "workloads", { cluster, workloads }),
    new WorkloadNetworkChart(app(), "workload-network", { workloads }),
  ];
  const definitions = new DefinitionsChart(app(), "definitions");
  const [defined, ...rest] = [definitions, ...charts].map((chart) => ({ chart, objects: chartObjects(chart) }));
  return {
    cluster: cluster.name,
    definitions: defined!.objects,
    objects: inApplyOrder(rest.flatMap(({ objects }) => objects)),
    origins: new Map([defined!, ...rest].flatMap(({ chart, objects }) => originsOf(chart, objects))),
  };
}

function workloadsOf(fleet: Fleet, cluster: ClusterSpec): Readonly<Record<string, Workload>> {
  return Object.fromEntries(
    Object.entries(fleet.workloads).filter(([, workload]) =>
      clustersFor(fleet, workload).some(({ name }) => name === cluster.name),
    ),
  );
}
