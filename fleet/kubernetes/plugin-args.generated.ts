// Generated from the Go types of config.skerry.dev/v1. DO NOT EDIT.

/** EdgeProximityArgs are the arguments of the EdgeProximity plugin. */
export interface EdgeProximityArgs {
  /**
   * The path of the file with the round-trip times between regions (links.json, version 1), relative to the
   * scheduler's working directory.
   *
   * @default "links/links.json"
   */
  readonly linksFile?: string;
  /**
   * The path of a file with measured links, which replace those of LinksFile. It has the same format, needs no
   * regions, and may be missing.
   *
   * @default "measured-links/links.json"
   */
  readonly measuredLinksFile?: string;
}

/** LoadAwareArgs are the arguments of the LoadAware plugin. */
export interface LoadAwareArgs {
  /** The criteria for usage samples that count. */
  readonly metrics?: MetricsArgs;
  /**
   * The policy for nodes without a fresh usage sample: Allow scores them by the requests of their pods, Deny
   * rejects them.
   *
   * @default "Allow"
   */
  readonly missingMetricsPolicy?: MissingMetricsPolicy;
  /**
   * The utilizations, in percent, above which a node is rejected. The pod being scheduled counts. A threshold of
   * 100 rejects no node. By default, only memory has a lower threshold: workloads slow down without spare CPU or
   * bandwidth, but the kernel kills them without spare memory.
   */
  readonly thresholds?: LoadThresholds;
  /** The weights of CPU, memory and network utilization in the score. At least one must be above 0. */
  readonly weights?: LoadWeights;
}

/** LoadThresholds are the thresholds of resources, in percent of the node's capacity. */
export interface LoadThresholds {
  /**
   * The threshold of CPU utilization, in percent. Must be above 0 and at most 100.
   *
   * @default 100
   */
  readonly cpu?: number;
  /**
   * The threshold of memory utilization, in percent. Must be above 0 and at most 100.
   *
   * @default 90
   */
  readonly memory?: number;
  /**
   * The threshold of network utilization, in percent. Must be above 0 and at most 100.
   *
   * @default 100
   */
  readonly network?: number;
}

/** LoadWeights are the weights of resources in the score. */
export interface LoadWeights {
  /**
   * The weight of CPU utilization. Must be at least 0 and at most 1000.
   *
   * @default 0.4
   */
  readonly cpu?: number;
  /**
   * The weight of memory utilization. Must be at least 0 and at most 1000.
   *
   * @default 0.4
   */
  readonly memory?: number;
  /**
   * The weight of network utilization. Must be at least 0 and at most 1000.
   *
   * @default 0.2
   */
  readonly network?: number;
}

/** MetricsArgs configure which usage samples of nodes count. */
export interface MetricsArgs {
  /**
   * The age up to which a usage sample counts. Older samples are ignored. The default is half an hour because, for
   * six of ten recorded machines, load correlates by 0.4 to 0.98 with the load half an hour before. A Go duration,
   * such as `90s`, from `1s` to `24h`.
   *
   * @default "30m"
   */
  readonly maxAge?: string;
  /**
   * How far in the future the timestamp of a usage sample may be. Samples further in the future are ignored. A Go
   * duration, such as `90s`, from `0s` to `24h`.
   *
   * @default "10s"
   */
  readonly maxClockSkew?: string;
}

/** MissingMetricsPolicy decides whether nodes without a fresh usage sample accept pods. */
export type MissingMetricsPolicy = "Allow" | "Deny";

/** ResourceProfileArgs are the arguments of the ResourceProfile plugin. */
export interface ResourceProfileArgs {
  /**
   * How many times the pod's demand must fit into the free resources of a node for the full score. Must be above 1
   * and at most 1000.
   *
   * @default 4
   */
  readonly headroom?: number;
  /** The criteria for usage samples that count. */
  readonly metrics?: MetricsArgs;
  /** The amount of each free resource that the plugin normalizes to 1. Larger amounts also count as 1. */
  readonly scale?: ResourceScale;
  /**
   * How far into the future the plugin extrapolates the usage trend of a node. 0s ignores trends. A Go duration,
   * such as `90s`, from `0s` to `24h`.
   *
   * @default "15m"
   */
  readonly trendHorizon?: string;
}

/** ResourceScale is an amount of each resource. */
export interface ResourceScale {
  /**
   * The number of cores. Must be above 0.
   *
   * @default 100
   */
  readonly cpu?: number;
  /**
   * The number of random 4 KiB reads per second. Must be above 0.
   *
   * @default 1000
   */
  readonly iops?: number;
  /**
   * The memory in gigabytes (10^9 bytes). Must be above 0.
   *
   * @default 512
   */
  readonly memoryGB?: number;
  /**
   * The bandwidth in gigabits (10^9 bits) per second. Must be above 0.
   *
   * @default 10
   */
  readonly networkGbps?: number;
}
