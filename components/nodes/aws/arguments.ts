import type { AwsProgramOptions } from "../../../charts/aws/programs";

/**
 * How private subnets reach the internet and the AWS APIs:
 * - `nat`: one NAT gateway per network.
 * - `nat-per-zone`: one NAT gateway per zone, so that losing a zone cuts off only that zone.
 * - `endpoints`: VPC endpoints for the AWS APIs and no internet. Images come from Amazon ECR.
 */
export type Egress = "nat" | "nat-per-zone" | "endpoints";

/** A subnet that exists. */
export interface ExistingSubnet {
  /** Letter of its availability zone, such as `a`. */
  readonly zone: string;
  readonly id: string;
  /** Address range, such as `10.8.16.0/20`. */
  readonly cidr: string;
}

/** A VPC that exists, with its routes and endpoints. Nothing in it is changed except for security groups. */
export interface ExistingNetwork {
  readonly vpcId: string;
  /** Private subnets for agents. */
  readonly agents: readonly ExistingSubnet[];
  /** Private subnets for servers, and for an internal load balancer. Required in the home region of a cluster. @default [] */
  readonly servers?: readonly ExistingSubnet[];
  /** Public subnets for an internet-facing load balancer. @default [] */
  readonly public?: readonly ExistingSubnet[];
  /** Public addresses of its NAT gateways, from which nodes reach an internet-facing load balancer. @default [] */
  readonly natAddresses?: readonly string[];
}

/** The AWS region that a region of the fleet stands for. */
export interface AwsSite {
  /** AWS region, such as `eu-central-1`. Different for each region in which a cluster has machines. */
  readonly region: string;
  /** Address range of the network that each cluster gets here, with a mask of 16 to 24. Required unless `network` is set. */
  readonly cidr?: string;
  /** Letters of the availability zones, at most four. @default ["a", "b", "c"] */
  readonly zones?: readonly string[];
  /** @default "nat" */
  readonly egress?: Egress;
  /** An existing network instead of a new one. @default - a new network per cluster */
  readonly network?: ExistingNetwork;
}

/** What AWS can vary about a node pool. */
export interface AwsPoolOptions {
  /** Further instance types, of the same architecture and at least the same size. @default - only the device of the pool */
  readonly instanceTypes?: readonly string[];
  /** Share of spot instances, in percent. @default 0 */
  readonly spotPercentage?: number;
  /** Least number of instances. @default - the count of the pool */
  readonly min?: number;
  /**
   * Largest number of instances, up to which the cluster autoscaler may add some. It runs in the home region: pools in others
   * keep their count.
   *
   * @default - the count of the pool
   */
  readonly max?: number;
  /** Share of the pool that stays in service while its instances are replaced, in percent. @default 90 */
  readonly minHealthyPercentage?: number;
}

/** The API server's address. */
export interface ApiAccess {
  /**
   * Address ranges that may reach an internet-facing load balancer. Without any, the load balancer is internal, and
   * Pulumi must run in the network.
   *
   * @default [] - an internal load balancer
   */
  readonly publicRanges?: readonly string[];
  /** Hosted zone in Route 53 in which each cluster gets the name `<cluster>.<name>`. @default - the load balancer's name */
  readonly zone?: { readonly id: string; readonly name: string };
}

/** A machine image: an id, or a public parameter that is read when a machine is created. */
export type MachineImage = { readonly id: string } | { readonly parameter: string };

/**
 * Programs in every cluster. `false` leaves one out. The others are installed where they have a use.
 */
export interface AwsPrograms {
  /** Deletes the Nodes of terminated instances. @default {} */
  readonly cloudController?: false | AwsProgramOptions;
  /** Drains a node before its instance is interrupted. Where a pool has spot instances. @default {} */
  readonly terminationHandler?: false | AwsProgramOptions;
  /** Provides volumes, with the class `ebs-gp3`. @default {} */
  readonly ebsCsiDriver?: false | AwsProgramOptions;
  /** Changes the size of pools between their limits. Where a pool of the home region has different limits. @default {} */
  readonly clusterAutoscaler?: false | AwsProgramOptions;
}

/** Arguments of {@link AwsMachines}. */
export interface AwsMachinesArgs {
  /** Name of the fleet, for tags. */
  readonly fleet: string;
  /** Name of the environment, for tags and for the names of parameters. */
  readonly environment: string;
  /** Account that owns the resources: 12 digits. The provider refuses any other. */
  readonly accountId: string;
  /** Team that owns the resources, for tags. */
  readonly owner: string;
  /** Cost center, for tags. */
  readonly costCenter: string;
  /** AWS region of each region of the fleet. */
  readonly sites: Readonly<Record<string, AwsSite>>;
  /** @default - an internal load balancer without a DNS record */
  readonly api?: ApiAccess;
  /** Programs in the clusters. @default - all of them */
  readonly programs?: AwsPrograms;
  /** Options by pool: `<cluster>/<pool>`. @default {} */
  readonly pools?: Readonly<Record<string, AwsPoolOptions>>;
  /**
   * Image of each architecture. An id applies to new servers and replaces agents in a rolling update. A parameter is read
   * when a machine or a pool is created; later values do not apply.
   *
   * @default - Ubuntu 24.04, by its public parameters
   */
  readonly images?: Readonly<Partial<Record<"amd64" | "arm64", MachineImage>>>;
  /** Size of each server's data volume in GiB. @default 40 */
  readonly dataVolumeGiB?: number;
  /**
   * ARN of a KMS key per AWS region, for the parameters, the servers' volumes and the snapshots of clusters there.
   *
   * @default - one new key per cluster
   */
  readonly kmsKeys?: Readonly<Record<string, string>>;
  /**
   * Names of clusters whose stateful resources may be deleted: data volumes, snapshots, parameters and keys. Apply this
   * before the change that deletes them.
   *
   * @default [] - they are protected
   */
  readonly deletable?: readonly string[];
}
