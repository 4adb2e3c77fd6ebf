import * as pulumi from "@pulumi/pulumi";
import { renderFleet } from "skerry/charts";
import { BrokerCredentials, Cluster, Delivery, type MachineProvider } from "skerry/components";
import type { Fleet, KubeObject } from "skerry/fleet";
import type { EnforcedPolicy } from "skerry/policies";

/** What a site is made of. */
export interface SiteArgs {
  readonly fleet: Fleet;
  /** Name of one of the fleet's clusters. */
  readonly cluster: string;
  readonly machines: MachineProvider;
  /** Our team, as billing and whoever is woken at night know it. */
  readonly team: string;
  /** What the API server holds to. */
  readonly policy: EnforcedPolicy;
  /** What runs there beside the fleet's own workloads. @default [] */
  readonly extra?: readonly KubeObject[];
}

const TEAM = "example.com/team";

/** One of our clusters with everything in it. Each object says which team it belongs to. */
export class Site extends pulumi.ComponentResource {
  /** The administrator's kubeconfig. Secret. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: SiteArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("example:ports:Site", name, {}, opts);
    const { fleet, machines, team, policy, extra = [] } = args;
    const named = (object: KubeObject): KubeObject => ofTeam(object, team);
    const stated = fleet.clusters.find(({ name: each }) => each === args.cluster);
    const rendered = renderFleet(fleet, { policy }).find(({ cluster }) => cluster === args.cluster);
    if (!stated || !rendered) throw new Error(`no cluster "${args.cluster}" in fleet ${fleet.name}`);

    const cluster = new Cluster(stated.name, { cluster: stated, machines }, { parent: this });
    const credentials = new BrokerCredentials(`${name}-brokers`, { cluster: stated }, { parent: this });
    new Delivery(
      `${name}-delivery`,
      {
        cluster,
        definitions: rendered.definitions.map(named),
        objects: [...rendered.objects, ...credentials.secrets, ...extra].map(named),
      },
      { parent: this, dependsOn: [...cluster.nodePools] },
    );
    this.kubeconfig = cluster.kubeconfig;
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

function ofTeam(object: KubeObject, team: string): KubeObject {
  const { labels, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, labels: { ...labels, [TEAM]: team } } };
}
