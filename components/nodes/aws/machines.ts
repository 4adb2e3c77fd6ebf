import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Chart } from "cdk8s";

import { agentTokenParameter, type ParameterLocation, RESTORE } from "../../../fleet/k3s/parameters";
import type { RestoreOrder } from "../../../fleet/k3s/server-start";
import { backupFolder } from "../../../fleet/k3s/backup";
import type { NodeIdentity } from "../../../fleet/k3s/machine";
import type { ClusterSpec, NodePoolSpec } from "../../../fleet/model";
import type { Problem } from "../../../fleet/problem";
import { throwProblems } from "../../../fleet/reading/parse";
import type { AgentMachinesArgs, ClusterMachines, MachineProvider, ServerMachineArgs } from "../machines";
import { createAgents } from "./agents";
import type { AwsMachinesArgs } from "./arguments";
import { checkArguments, checkCluster } from "./checks";
import { DATA_VOLUME_GIB, formatMonthlyCost, monthlyCost } from "./costs";
import { createKey } from "./encryption-key";
import { createInterfaceEndpoints, createS3Endpoint } from "./endpoints";
import { API_PORT } from "./flows";
import { createInstanceRole } from "./instance-role";
import { architectureOf } from "./instance-type";
import { type ApiAddress, createApiAddress, reserveAddresses } from "./load-balancer";
import { imageOf } from "./machine-image";
import { clusterId } from "./names";
import { createNetwork, type Network } from "./network";
import { checkAgainstAws } from "./offerings";
import { Parameters, type ParameterValues } from "./parameters";
import { peerNetworks } from "./peering";
import { agentPolicy, type BucketFolder, type ParameterAccess, serverPolicy } from "./policies";
import { programStatements } from "./program-policies";
import { programCharts } from "./programs";
import { ClusterScope, COST_CENTER_TAG, identityTags, OWNER_TAG, type Tags } from "./scope";
import { createSecurityGroups, type SecurityGroups } from "./security-groups";
import { createServer, NODE_TAG, ZONE_TAG } from "./server";
import { regionsOf } from "./sites";
import { createSnapshotBucket } from "./snapshots";

/** The network, the API's address and the secrets of one cluster in AWS, and its machines. */
class AwsCluster implements ClusterMachines {
  readonly port = API_PORT;
  readonly host: pulumi.Output<string>;
  readonly lifetime: pulumi.Resource;
  readonly parameters: ParameterLocation;
  private readonly networks: readonly Network[];
  private readonly groups: ReadonlyMap<Network, SecurityGroups>;
  private readonly address: ApiAddress;
  private readonly keyArn: pulumi.Output<string>;
  private readonly serverProfile: aws.iam.InstanceProfile;

  constructor(
    private readonly args: AwsMachinesArgs,
    private readonly scope: ClusterScope,
    private readonly cluster: ClusterSpec,
    providerIn: (region: string) => aws.Provider,
  ) {
    this.networks = regionsOf(cluster).map((region) => {
      const site = args.sites[region]!;
      const place = { region, isHome: region === cluster.homeRegion, provider: providerIn(site.region) };
      return createNetwork(scope, site, place);
    });
    const home = this.networks[0]!;
    peerNetworks(scope, this.networks);

    const access = args.api ?? {};
    const publicRanges = access.publicRanges ?? [];
    const publicAddresses = publicRanges.length > 0 ? reserveAddresses(scope, home) : [];
    this.groups = this.openNetworks(publicRanges, publicAddresses);
    const securityGroupId = this.groups.get(home)!["load balancer"]!.id;
    this.address = createApiAddress(scope, { network: home, securityGroupId, access, publicAddresses });
    this.host = this.address.host;
    this.lifetime = this.address.loadBalancer;

    const givenKey = args.kmsKeys?.[home.awsRegion];
    this.keyArn = givenKey === undefined ? createKey(scope, home.provider) : pulumi.output(givenKey);
    this.parameters = { prefix: `/skerry/${args.environment}/${cluster.name}`, region: home.awsRegion };
    const document = pulumi
      .all([this.parameterAccess, this.createSnapshots(home)])
      .apply(([parameters, snapshots]) => serverPolicy(parameters, snapshots, programStatements(args, cluster)));
    this.serverProfile = createInstanceRole(scope, home.provider, `${scope.name}-server`, document);
    void pulumi.log.info(formatMonthlyCost(cluster.name, monthlyCost(args, cluster)), this.lifetime);
  }

  identify(pool?: NodePoolSpec): NodeIdentity {
    // The cloud controller must not look for these: it does not find instances of other regions, and the Node of a server
    // outlives its instance.
    if (!pool) return { tag: NODE_TAG, zoneTag: ZONE_TAG, providerId: "node" };
    return { prefix: pool.name, providerId: pool.region === this.cluster.homeRegion ? "instance" : "node" };
  }

  server(name: string, args: ServerMachineArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    const network = this.networks[0]!;
    const groups = this.groups.get(network)!;
    const settings = {
      network,
      securityGroupIds: [groups.node!.id, groups.server!.id],
      profile: this.serverProfile,
      image: imageOf(this.args, architectureOf(args.device)),
      keyArn: this.keyArn,
      targetGroup: this.address.targetGroup,
      dataVolumeGiB: this.args.dataVolumeGiB ?? DATA_VOLUME_GIB,
    };
    return createServer(this.scope, name, settings, args, opts);
  }

  agents(name: string, args: AgentMachinesArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { pool } = args;
    const network = this.networks.find(({ region }) => region === pool.region)!;
    const document = this.parameterAccess.apply((access) => agentPolicy(access, agentTokenParameter(pool)));
    const settings = {
      network,
      securityGroupId: this.groups.get(network)!.node!.id,
      profile: createInstanceRole(this.scope, network.provider, name, document),
      image: imageOf(this.args, architectureOf(pool.device)),
      options: this.args.pools?.[`${this.cluster.name}/${pool.name}`] ?? {},
    };
    return createAgents(this.scope, name, settings, args, opts);
  }

  store(name: string, values: ParameterValues, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { prefix } = this.parameters;
    const { provider } = this.networks[0]!;
    return new Parameters(name, this.scope, { prefix, values, keyArn: this.keyArn, provider }, { parent: opts.parent });
  }

  /** Creates the bucket of the cluster's snapshots, and returns their folder in it. */
  private createSnapshots({ provider }: Network): pulumi.Output<BucketFolder | undefined> {
    const { name, backup } = this.cluster;
    if (!backup) return pulumi.output(undefined);
    const folder = backupFolder(name, backup.s3.folder);
    const bucket = createSnapshotBucket(this.scope, provider, backup.s3.bucket, this.keyArn);
    return bucket.arn.apply((bucketArn) => ({ bucketArn, folder }));
  }

  orderRestore(name: string, order: RestoreOrder, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { provider } = this.networks[0]!;
    const { prefix } = this.parameters;
    // It contains no secret. What servers claim stays: Pulumi did not create it.
    const args = { name: `${prefix}/${RESTORE}`, type: "String", value: JSON.stringify(order), tags: this.scope.tags };
    return new aws.ssm.Parameter(name, args, { ...opts, provider });
  }

  private get parameterAccess(): pulumi.Output<ParameterAccess> {
    const { accountId } = this.args;
    return this.keyArn.apply((keyArn) => ({ accountId, keyArn, ...this.parameters }));
  }

  /** Creates the VPC endpoints and the security groups of every network. */
  private openNetworks(
    publicRanges: readonly string[],
    publicAddresses: readonly aws.ec2.Eip[],
  ): ReadonlyMap<Network, SecurityGroups> {
    const { scope, networks } = this;
    const own = networks.filter(({ cidr }) => cidr !== undefined);
    const s3PrefixLists = new Map(own.map((network) => [network, createS3Endpoint(scope, network)]));
    const traffic = {
      networks,
      publicRanges,
      publicAddresses: publicAddresses.map((each) => each.publicIp),
      s3PrefixLists,
    };
    const groups = new Map(networks.map((network) => [network, createSecurityGroups(scope, traffic, network)]));
    for (const [network, { endpoint }] of groups) {
      if (endpoint) createInterfaceEndpoints(scope, network, endpoint.id);
    }
    return groups;
  }
}

/**
 * Provides machines in AWS: servers as single instances behind a network load balancer, and the agents of each pool as a
 * scaling group. It creates one provider per AWS region.
 *
 * Before anything is created, it asks AWS whether the regions offer the instance types, and whether images match them.
 */
export class AwsMachines implements MachineProvider {
  private readonly providers = new Map<string, aws.Provider>();
  /** Clusters by the bucket of their snapshots. */
  private readonly buckets = new Map<string, string>();

  /** @throws Error with every problem of the arguments */
  constructor(private readonly args: AwsMachinesArgs) {
    throwProblems(checkArguments(args));
  }

  validate(cluster: ClusterSpec): readonly Problem[] {
    const { name, backup } = cluster;
    const problems = checkCluster(this.args, cluster);
    if (!backup) return problems;
    const { bucket } = backup.s3;
    const owner = this.buckets.get(bucket) ?? name;
    this.buckets.set(bucket, owner);
    const message = `must differ from ${JSON.stringify(bucket)}, the bucket of cluster ${owner}: each cluster gets one of its own`;
    return owner === name ? problems : [...problems, { path: "backup.s3.bucket", message }];
  }

  charts(cluster: ClusterSpec): readonly Chart[] {
    return programCharts(this.args, cluster);
  }

  prepare(name: string, cluster: ClusterSpec, opts: pulumi.CustomResourceOptions): ClusterMachines {
    const { owner, costCenter, deletable = [] } = this.args;
    const providerIn = (region: string): aws.Provider => this.provider(region);
    const tags: Tags = {
      ...identityTags(this.args, cluster.name),
      [OWNER_TAG]: owner,
      [COST_CENTER_TAG]: costCenter,
    };
    // Every resource waits for its tags. If there are problems, they stay unresolved, and the program ends with one error:
    // a rejection would be reported by every resource that waits for it.
    const checked = new Promise<Tags>((resolve) => {
      void checkAgainstAws(this.args, cluster, providerIn).then((problems) => {
        throwProblems(problems.map(({ path, message }) => ({ path: `clusters.${cluster.name}.${path}`, message })));
        resolve(tags);
      });
    });
    const id = clusterId(this.args, cluster.name);
    const scope = new ClusterScope(name, id, pulumi.output(checked), !deletable.includes(cluster.name), opts.parent);
    return new AwsCluster(this.args, scope, cluster, providerIn);
  }

  /** Returns the provider of an AWS region. */
  private provider(region: string): aws.Provider {
    const known = this.providers.get(region);
    if (known) return known;
    const created = new aws.Provider(`aws-${region}`, {
      region: region as aws.Region,
      allowedAccountIds: [this.args.accountId],
    });
    this.providers.set(region, created);
    return created;
  }
}
