import * as pulumi from "@pulumi/pulumi";

import { Cluster } from "../../../../components/clusters/cluster";
import type { AwsMachinesArgs } from "../../../../components/nodes/aws/arguments";
import { AwsMachines } from "../../../../components/nodes/aws/machines";
import type { ClusterSpec, Fleet } from "../../../../fleet/model";
import { ACCOUNT } from "./attributes";
import { Recording } from "./recording";

/** Arguments that every test shares. */
export const common = {
  fleet: "test",
  environment: "test",
  accountId: ACCOUNT,
  owner: "platform",
  costCenter: "edge",
} as const;

/** Records the machines of clusters, without the objects in them. */
export function recordClusters(clusters: Fleet["clusters"], args: AwsMachinesArgs): Promise<Recording> {
  return Recording.of("test", () => {
    const machines = new AwsMachines(args);
    for (const cluster of clusters) new Cluster(cluster.name, { cluster, machines });
  });
}

/** Runs the program of a stack. */
export function recordStack(stack: string, config: Readonly<Record<string, string>>): Promise<Recording> {
  pulumi.runtime.setAllConfig({ ...config });
  return Recording.of(stack, () => {
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- isolateModules needs a synchronous load
      require("../../../../stacks/index");
    });
  });
}

/** Stands in for the checksums of a release. */
export const CHECKSUMS = { amd64: "a".repeat(64), arm64: "b".repeat(64) };

/** Settings of a stack in AWS. */
export const stackConfig = {
  "skerry-aws:accountId": ACCOUNT,
  "skerry-aws:owner": common.owner,
  "skerry-aws:costCenter": common.costCenter,
  "skerry-aws:api": JSON.stringify({ publicRanges: ["203.0.113.0/24"] }),
  "skerry-aws:k3sSha256": JSON.stringify(CHECKSUMS),
} as const;

/** A cluster with three servers and a pool in its home region. */
export const smallCluster: ClusterSpec = {
  name: "frankfurt",
  homeRegion: "frankfurt",
  servers: 3,
  serverDevice: "t4g.medium",
  kubernetesVersion: "1.36.3",
  clusterCidr: "10.42.0.0/16",
  serviceCidr: "10.43.0.0/16",
  nodeCidrMaskSize: 24,
  existingNamespaces: [],
  edgeAgents: [],
  serverGeneration: 1,
  hardening: { exceptions: [] },
  k3s: { sha256: CHECKSUMS },
  backup: { everyMinutes: 15, keep: 96, s3: { bucket: "frankfurt-snapshots", region: "eu-central-1" } },
  rotations: { serverToken: 1, agentToken: 1, adminCertificate: 1 },
  nodePools: [
    {
      name: "frankfurt-cloud",
      region: "frankfurt",
      zone: "eu-central-1b",
      device: "t3.medium",
      role: "cloud-worker",
      count: 2,
      capacity: { cpuCores: 2, memoryMiB: 4096, disk: "ssd", diskGiB: 40, iops: 3000, networkMbps: 5000 },
      labels: {},
      taints: [],
      generation: 1,
    },
  ],
  brokers: [],
};

/** A chart and its images in a registry that a network without internet reaches. */
const mirrored = {
  source: { chart: "oci://111122223333.dkr.ecr.eu-central-1.amazonaws.com/charts/mirrored:1.0.0" },
  values: { image: { repository: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/mirrored" } },
};

/** A network without internet, an internal load balancer and a name in Route 53. */
export const privateArgs: AwsMachinesArgs = {
  ...common,
  sites: { frankfurt: { region: "eu-central-1", cidr: "10.64.0.0/20", egress: "endpoints" } },
  api: { zone: { id: "Z0123456789ABCDEFGHIJ", name: "k3s.example.com" } },
  programs: { cloudController: mirrored, ebsCsiDriver: mirrored },
};
