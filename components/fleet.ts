import * as pulumi from "@pulumi/pulumi";

import { type RenderedCluster, renderFleet } from "../charts/render";
import type { TeamCharts } from "../charts/team-charts";
import type { ClusterSpec, Fleet } from "../fleet/model";
import { describeUnknown, type Problem } from "../fleet/problem";
import { parseFleet, throwProblems } from "../fleet/reading/parse";
import type { FleetInput } from "../fleet/reading/schema";
import type { Policy } from "../policies/engine/policy";
import { Cluster } from "./clusters/cluster";
import { type UpgradeTarget, upgradeFleet } from "./clusters/cluster-upgrade";
import type { ClusterConnector, ConnectedCluster } from "./clusters/connected-cluster";
import { Delivery } from "./delivery/delivery";
import { BrokerCredentials } from "./mqtt/broker-credentials";
import type { MachineProvider } from "./nodes/machines";

/** Where a cluster comes from: a provider of machines creates it, a connector connects to it. */
export type ClusterSource = MachineProvider | ClusterConnector;

/** Arguments of {@link FleetDeployment}. */
export interface FleetDeploymentArgs {
  /** The fleet, which is parsed before anything is created. */
  readonly fleet: FleetInput;
  /** Where the clusters come from: the same for all, or a function that returns it for each cluster. */
  readonly machines: ClusterSource | ((cluster: ClusterSpec) => ClusterSource);
  /** Names of the clusters to deploy. The other clusters of the fleet belong to other stacks. @default - all clusters */
  readonly clusters?: readonly string[];
  /** The policy. Every API server enforces those of its rules that CEL can express. @default - the built-in rules */
  readonly policy?: Policy;
  /** The environment, which selects the severities of the policy. @default - the name of the stack */
  readonly environment?: string;
  /** Charts in addition to those of the fleet. @default - none */
  readonly charts?: TeamCharts;
}

/**
 * Deploys a fleet: creates or connects its clusters, issues the credentials of its brokers, and applies its objects.
 *
 * It consists of public parts, which you can compose differently: `parseFleet`, `renderFleet`, {@link Cluster},
 * {@link BrokerCredentials} and {@link Delivery}.
 */
export class FleetDeployment extends pulumi.ComponentResource {
  /** The deployed clusters by name. */
  readonly clusters: Readonly<Record<string, ConnectedCluster>>;
  /** Kubeconfigs of the administrators by cluster. Secrets. Export them as `kubeconfigs`, where `skerry status` finds them. */
  readonly kubeconfigs: Readonly<Record<string, pulumi.Output<string>>>;

  /** @throws FleetError with every problem of the fleet, before anything is registered */
  constructor(name: string, args: FleetDeploymentArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { fleet, clusters: planned } = planClusters(args);
    super("skerry:fleet:FleetDeployment", name, {}, opts);
    const targets = new Map(planned.map((each) => [each.spec.name, this.deploy(each)]));
    // Clusters that run another version of K3s are upgraded, canaries first. A fleet without upgrades has none.
    upgradeFleet(fleet, targets, { parent: this });
    const clusters = [...targets].map(([cluster, target]) => [cluster, target.cluster] as const);
    this.clusters = Object.fromEntries(clusters);
    this.kubeconfigs = Object.fromEntries(clusters.map(([cluster, { kubeconfig }]) => [cluster, kubeconfig]));
    this.registerOutputs({ kubeconfigs: this.kubeconfigs });
  }

  private deploy({ spec, path, source, rendered }: PlannedCluster): UpgradeTarget {
    // Programs without this component registered each cluster at the top.
    const opts = { parent: this, aliases: [{ parent: pulumi.rootStackResource }] };
    const cluster =
      "connect" in source
        ? source.connect(spec.name, spec, opts, path)
        : new Cluster(spec.name, { cluster: spec, machines: source }, opts);
    const parent = cluster instanceof pulumi.Resource ? cluster : this;
    const credentials = new BrokerCredentials(`${spec.name}-brokers`, { cluster: spec }, { parent });
    const { definitions, objects, plans } = rendered;
    const delivery = new Delivery(
      `${spec.name}-delivery`,
      { cluster, definitions, objects: [...objects, ...credentials.secrets] },
      { parent },
    );
    if (!(cluster instanceof Cluster)) return { cluster, plans, delivery };
    const { serverToken, agentRelease } = cluster;
    return { cluster, plans, delivery, serverToken, ...(agentRelease && { agentRelease }) };
  }
}

/** A cluster that is about to be deployed. */
interface PlannedCluster {
  readonly spec: ClusterSpec;
  /** Path of the cluster in the fleet, such as `clusters[0]`. */
  readonly path: string;
  readonly source: ClusterSource;
  readonly rendered: RenderedCluster;
}

/** Parses and renders the selected clusters of a fleet, and finds all problems. Registers nothing. */
function planClusters(args: FleetDeploymentArgs): { readonly fleet: Fleet; readonly clusters: PlannedCluster[] } {
  const { machines, policy = {}, environment = pulumi.getStack(), charts } = args;
  const fleet = parseFleet(args.fleet);
  const names = fleet.clusters.map(({ name }) => name);
  const { clusters: selected = names } = args;
  const clusters = fleet.clusters.map((spec, index) => ({
    spec,
    path: `clusters[${index}]`,
    source: typeof machines === "function" ? machines(spec) : machines,
  }));
  const deployed = clusters.filter(({ spec }) => selected.includes(spec.name));
  throwProblems([
    ...selected
      .filter((name) => !names.includes(name))
      .map((name): Problem => ({ path: "skerry:clusters", message: describeUnknown("cluster", name, names) })),
    ...deployed.flatMap(({ spec, path, source }) =>
      source.validate(spec).map((problem) => ({ ...problem, path: `${path}.${problem.path}` })),
    ),
  ]);
  const sources = new Map(deployed.map(({ spec, source }) => [spec.name, { spec, source }]));
  const machineCharts: TeamCharts = ({ cluster }) => {
    const { spec, source } = sources.get(cluster)!;
    return "prepare" in source ? (source.charts?.(spec) ?? []) : [];
  };
  const enforced = { policy, environment, today: new Date().toISOString().slice(0, 10) };
  const rendered = new Map(
    renderFleet(fleet, { policy: enforced, clusters: selected, machineCharts, ...(charts && { charts }) }).map(
      (each) => [each.cluster, each],
    ),
  );
  return { fleet, clusters: deployed.map((each) => ({ ...each, rendered: rendered.get(each.spec.name)! })) };
}
