import * as pulumi from "@pulumi/pulumi";
import { renderFleet, type TeamCharts } from "skerry/charts";
import { BrokerCredentials, Cluster, Delivery, type MachineProvider } from "skerry/components";
import type { Fleet, KubeObject } from "skerry/fleet";
import type { EnforcedPolicy } from "skerry/policies";

export interface SiteArgs {
  readonly fleet: Fleet;
  /** Name of a cluster of the fleet. */
  readonly cluster: string;
  readonly machines: MachineProvider;
  /** The team that owns the site, for billing and alerts. */
  readonly team: string;
  /** The policy that the API server enforces. */
  readonly policy: EnforcedPolicy;
  /** Charts in addition to those of the fleet. @default none */
  readonly charts?: TeamCharts;
}

const TEAM = "example.com/team";

/** A cluster with all its objects, each labelled with the team that owns it. */
export class Site extends pulumi.ComponentResource {
  /** The administrator's kubeconfig. Secret. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: SiteArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("example:ports:Site", name, {}, opts);
    const { fleet, machines, team, policy, charts } = args;
    const withTeam = (object: KubeObject): KubeObject => addTeamLabel(object, team);
    const spec = fleet.clusters.find(({ name: clusterName }) => clusterName === args.cluster);
    const rendered = renderFleet(fleet, { policy, ...(charts && { charts }) }).find(
      ({ cluster }) => cluster === args.cluster,
    );
    if (!spec || !rendered) throw new Error(`unknown cluster "${args.cluster}" in fleet ${fleet.name}`);

    const cluster = new Cluster(spec.name, { cluster: spec, machines }, { parent: this });
    const credentials = new BrokerCredentials(`${name}-brokers`, { cluster: spec }, { parent: this });
    new Delivery(
      `${name}-delivery`,
      {
        cluster,
        definitions: rendered.definitions.map(withTeam),
        objects: [...rendered.objects, ...credentials.secrets].map(withTeam),
      },
      { parent: this },
    );
    this.kubeconfig = cluster.kubeconfig;
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

function addTeamLabel(object: KubeObject, team: string): KubeObject {
  const { labels, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, labels: { ...labels, [TEAM]: team } } };
}
