import { App, type Chart } from "cdk8s";
import type { ClusterSpec, Fleet, NodePoolSpec, Workload } from "../fleet/model";
import { runsAnyNodeAgent, runsNodeAgent } from "../fleet/node-agents";
import { clustersFor } from "../fleet/placement-targets";
import { type PlannedUpgrade, upgradeOrder } from "../fleet/upgrades/order";
import { resolveEnforcement, type EnforcedPolicy } from "../policies/admission/enforced-policy";
import { rules } from "../policies/rules";
import { AdmissionChart } from "./system/admission";
import { chartObjects } from "./chart-objects";
import { sortForDelivery, stageOf } from "./delivery-order";
import { type DeviceScale, largestDevice } from "./system/device-scale";
import { DefinitionsChart } from "./system/definitions";
import { EdgeDataChart } from "./edge-data/edge-data";
import { EdgeSchedulerChart } from "./system/edge-scheduler";
import type { KubeObject } from "../fleet/kubernetes/object";
import { HardeningChart } from "./system/hardening";
import { MqttBrokersChart } from "./mqtt/mqtt-brokers";
import { MQTT_NAMESPACE } from "./mqtt/names";
import { NodeAgentChart, type NodeAgentProps, supportsNodeAgent } from "./system/node-agent";
import { NODE_AGENT_NAMESPACE } from "./system/node-agent-names";
import { NodeControllerChart } from "./system/node-controller";
import { NodePoolsChart } from "./system/node-pools";
import { type Origin, findOrigins, recordOrigin } from "./origins";
import { regionLinks } from "./system/region-links";
import { NamespacesChart, SYSTEM_NAMESPACE } from "./system/namespaces";
import { createTeamCharts, type TeamCharts } from "./team-charts";
import { UpgradeControllerChart } from "./upgrades/controller";
import { UPGRADE_NAMESPACE } from "./upgrades/names";
import { upgradePlans } from "./upgrades/plans";
import { WorkloadNetworkChart } from "./workloads/network";
import { WorkloadsChart } from "./workloads/workloads";

/** All objects of one cluster. */
export interface RenderedCluster {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Custom resource definitions. They must be established before the other objects are applied. */
  readonly definitions: KubeObject[];
  /** All other objects, in the order in which they can be applied. */
  readonly objects: KubeObject[];
  /** Plans that upgrade K3s, in their order. Empty unless the fleet states upgrades. They are not delivered with the objects. */
  readonly plans: readonly KubeObject[];
  /** The origin of each object. */
  readonly origins: ReadonlyMap<KubeObject, Origin>;
}

/** Options that are not part of the fleet. */
export interface RenderOptions {
  /** Policy that the API servers enforce. @default Skerry's built-in rules with their own severities */
  readonly policy?: EnforcedPolicy;
  /** The team's own charts, in addition to those of Skerry. @default none */
  readonly charts?: TeamCharts;
  /** Charts that the machines of a cluster need, such as the controllers of a cloud. @default none */
  readonly machineCharts?: TeamCharts;
  /** Names of the clusters to render. @default all clusters */
  readonly clusters?: readonly string[];
}

/**
 * Renders the Kubernetes objects of each cluster, in the order of the fleet. Pure: equal fleets render to equal bytes,
 * without I/O. Secrets are not rendered; `mqtt/secrets.ts` lists those that pods refer to.
 *
 * @param fleet a parsed fleet, so that all its references are valid
 * @param options the policy that API servers enforce
 * @throws Error if two objects have the same name, the team's charts cannot be rendered, or a value cannot be written to a configuration file
 */
export function renderFleet(
  fleet: Fleet,
  { policy, charts, machineCharts, clusters }: RenderOptions = {},
): RenderedCluster[] {
  const shared: Shared = {
    fleet,
    links: regionLinks(fleet),
    largest: largestDevice(fleet),
    policy,
    further: [machineCharts, charts].filter((each) => each !== undefined),
    order: new Map(upgradeOrder(fleet).flatMap((stage) => stage.map((upgrade) => [upgrade.cluster, upgrade]))),
  };
  return fleet.clusters.flatMap((cluster, index) =>
    clusters === undefined || clusters.includes(cluster.name)
      ? [renderCluster(cluster, index, workloadsOf(fleet, cluster), shared)]
      : [],
  );
}

/** Values that all clusters of the fleet share. */
interface Shared {
  readonly fleet: Fleet;
  readonly links: string;
  readonly largest: DeviceScale | undefined;
  readonly policy: EnforcedPolicy | undefined;
  /** Charts in addition to those of Skerry. */
  readonly further: readonly TeamCharts[];
  /** How each cluster is upgraded, by its name. */
  readonly order: ReadonlyMap<string, PlannedUpgrade>;
}

function renderCluster(
  cluster: ClusterSpec,
  index: number,
  workloads: Readonly<Record<string, Workload>>,
  { fleet, links, largest, policy, further, order }: Shared,
): RenderedCluster {
  // One app per chart, because rendering a chart validates its whole app.
  const app = (): App => new App();
  const { cloudBroker } = cluster;
  const { upgrades } = fleet;
  const upgrade = order.get(cluster.name);
  const isCreated = (namespace: string): boolean => !cluster.existingNamespaces.includes(namespace);
  const systemPool = cluster.nodePools.find(({ name }) => name === cluster.systemPool);
  const path = `clusters[${index}]`;
  const nodes = cluster.nodePools.reduce<number>((sum, { count }) => sum + count, cluster.servers);
  const nodeAgents = runsAnyNodeAgent(fleet, cluster.nodePools) && supportsNodeAgent(cluster.kubernetesVersion);
  const charts: Chart[] = [
    new NamespacesChart(app(), "namespaces", {
      restricted: [SYSTEM_NAMESPACE, ...(cloudBroker === undefined ? [] : [MQTT_NAMESPACE])].filter(isCreated),
      shared: Object.values(workloads)
        .map(({ namespace }) => namespace)
        .filter(isCreated),
    }),
    new EdgeSchedulerChart(app(), "edge-scheduler", {
      links,
      nodes,
      config: largest ? { resourceProfile: { scale: largest } } : {},
      pool: systemPool,
    }),
    new NodeControllerChart(app(), "node-controller", { nodes, pool: systemPool, nodeAgents }),
    ...(nodeAgents
      ? [
          new NodeAgentChart(app(), "node-agent", {
            kubernetesVersion: cluster.kubernetesVersion,
            ...nodeAgentNodes(fleet, cluster),
            createNamespace: isCreated(NODE_AGENT_NAMESPACE),
          }),
        ]
      : []),
    recordOrigin(new NodePoolsChart(app(), "node-pools", { cluster }), path),
    ...(cloudBroker === undefined
      ? []
      : [recordOrigin(new MqttBrokersChart(app(), "mqtt", { cluster, cloud: cloudBroker }), path)]),
    ...(cluster.edgeAgents.length === 0 && cluster.edgeIngest === undefined && cluster.siteSync === undefined
      ? []
      : [recordOrigin(new EdgeDataChart(app(), "edge-data", { cluster }), path)]),
    new WorkloadsChart(app(), "workloads", { cluster, workloads }),
    new WorkloadNetworkChart(app(), "workload-network", { workloads }),
    new DefinitionsChart(app(), "definitions"),
    new HardeningChart(app(), "hardening", { cluster }),
    ...(upgrades ? [new UpgradeControllerChart(app(), "upgrades", { images: upgrades.images })] : []),
    ...further.flatMap((each) => createTeamCharts(each, { fleet, cluster: cluster.name })),
  ];
  const rendered = charts.map((chart) => ({ chart, objects: chartObjects(chart) }));
  const admission = new AdmissionChart(app(), "admission", {
    kubernetesVersion: cluster.kubernetesVersion,
    ...(policy && resolveEnforcement(policy, cluster.name, rules)),
    ...(upgrades && { exemptNamespaces: [UPGRADE_NAMESPACE] }),
    // In an existing cluster, the rules must not apply to what others run.
    ...(cluster.kubeconfig && { namespaces: namesOfNamespaces(rendered.flatMap(({ objects }) => objects)) }),
  });
  rendered.push({ chart: admission, objects: chartObjects(admission) });
  const objects = sortForDelivery(rendered.flatMap((each) => each.objects));
  return {
    cluster: cluster.name,
    definitions: objects.filter(isDefinition),
    objects: objects.filter((object) => !isDefinition(object)),
    plans: upgrades && upgrade ? upgradePlans(cluster, upgrade, upgrades) : [],
    origins: new Map(rendered.flatMap((each) => findOrigins(each.chart, each.objects))),
  };
}

/** Returns the nodes on which the node agent runs, and their taints. */
function nodeAgentNodes(
  fleet: Fleet,
  { nodePools, kubeconfig }: ClusterSpec,
): Pick<NodeAgentProps, "taints" | "onlyPools" | "exceptPools"> {
  const pools = nodePools.filter((pool) => runsNodeAgent(fleet, pool));
  const others = nodePools.filter((pool) => !runsNodeAgent(fleet, pool));
  const names = (those: readonly NodePoolSpec[]): string[] => those.map(({ name }) => name);
  return {
    taints: pools.flatMap(({ taints }) => taints),
    ...(fleet.nodeAgent
      ? { onlyPools: kubeconfig !== undefined, exceptPools: names(others) }
      : { onlyPools: names(pools) }),
  };
}

const namesOfNamespaces = (objects: readonly KubeObject[]): string[] =>
  objects.flatMap(({ kind, metadata }) => (kind === "Namespace" && metadata.name ? metadata.name : [])).sort();

const isDefinition = (object: KubeObject): boolean => stageOf(object) === "definitions";

function workloadsOf(fleet: Fleet, cluster: ClusterSpec): Readonly<Record<string, Workload>> {
  return Object.fromEntries(
    Object.entries(fleet.workloads).filter(([, workload]) =>
      clustersFor(fleet, workload).some(({ name }) => name === cluster.name),
    ),
  );
}
