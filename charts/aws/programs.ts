import type { Taint } from "../../fleet/model";

/** Programs in a cluster that call the APIs of AWS, or read the metadata of their instance. */
export const AWS_PROGRAMS = ["cloudController", "terminationHandler", "ebsCsiDriver", "clusterAutoscaler"] as const;
export type AwsProgram = (typeof AWS_PROGRAMS)[number];

/** A chart that the cluster downloads. */
export interface ChartReference {
  /**
   * The `https` URL of an archive, or an `oci` reference. Helm checks the digest of a reference that has one, such as
   * `oci://registry.example.com/cluster-autoscaler@sha256:…`. Nothing checks the digest of an archive that has a URL.
   */
  readonly chart: string;
  /** Version of a reference without a tag and a digest. @default - the reference is complete */
  readonly version?: string;
}

/** A chart in a file. It is installed from an object in the cluster, so the cluster downloads nothing. */
export interface ChartArchive {
  /** Path of the archive, `.tgz`. Relative paths start at the project. */
  readonly archive: string;
  /** SHA-256 of the archive, in hex digits. Another archive is refused before anything changes. */
  readonly sha256: string;
}

/** Where a chart comes from. */
export type ChartSource = ChartReference | ChartArchive;

/** A chart as K3s installs it: one that it downloads, or an archive in base64. */
export type InstalledChart = ChartReference | { readonly chartContent: string };

/** How a program is installed. */
export interface AwsProgramOptions {
  /** Another source of the chart, such as a mirror. @default - the release of the project that this version of Skerry pins */
  readonly source?: ChartSource;
  /** Values of the chart, which Helm merges into those of Skerry. @default {} */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The chart of a program. */
export interface ProgramChart {
  /** Name of the release. */
  readonly name: string;
  readonly source: ChartReference;
}

/**
 * The charts of the projects, pinned by version. K3s cannot check the digest of an archive that it downloads. Teams pin digests with
 * a {@link ChartArchive}, or with a reference that has one.
 */
export const programCharts: Readonly<Record<AwsProgram, ProgramChart>> = {
  cloudController: {
    name: "aws-cloud-controller-manager",
    source: {
      chart:
        "https://github.com/kubernetes/cloud-provider-aws/releases/download/helm-chart-aws-cloud-controller-manager-0.0.11/aws-cloud-controller-manager-0.0.11.tgz",
    },
  },
  terminationHandler: {
    name: "aws-node-termination-handler",
    source: { chart: "oci://public.ecr.aws/aws-ec2/helm/aws-node-termination-handler", version: "0.27.6" },
  },
  ebsCsiDriver: {
    name: "aws-ebs-csi-driver",
    source: {
      chart:
        "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/releases/download/helm-chart-aws-ebs-csi-driver-2.59.0/aws-ebs-csi-driver-2.59.0.tgz",
    },
  },
  clusterAutoscaler: {
    name: "cluster-autoscaler",
    source: {
      chart:
        "https://github.com/kubernetes/autoscaler/releases/download/cluster-autoscaler-chart-9.59.0/cluster-autoscaler-9.59.0.tgz",
    },
  },
};

/** What the values of the charts depend on. */
export interface AwsCluster {
  /** Identifies the cluster in its account, such as `shop-production-frankfurt`. */
  readonly id: string;
  /** AWS region of the servers. */
  readonly awsRegion: string;
  /** Names of the availability zones in that region. */
  readonly zones: readonly string[];
  /** Number of servers. */
  readonly servers: number;
  /** Taints of the agents. */
  readonly taints: readonly Taint[];
  /** Tags of the volumes that the EBS CSI driver creates. */
  readonly volumeTags: Readonly<Record<string, string>>;
}
