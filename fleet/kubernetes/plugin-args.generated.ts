// Generated from the Go types of config.skerry.dev/v1. DO NOT EDIT.

/** DataArgs select the samples of node usage that count. */
export interface DataArgs {
  /**
   * How far in the future a sample may be dated, because clocks differ. A Go duration, such as `90s`, from `0s` to
   * `24h`.
   *
   * @default "10s"
   */
  readonly clockSkew?: string;
  /**
   * How long a sample counts. Older samples are ignored. The default is half an hour because the load of six of
   * ten recorded machines has a correlation of 0.4 to 0.98 with their load half an hour before. A Go duration,
   * such as `90s`, from `1s` to `24h`.
   *
   * @default "30m"
   */
  readonly freshFor?: string;
}

/** EdgeProximityArgs configure the plugin EdgeProximity. */
export interface EdgeProximityArgs {
  /**
   * The path of the file with the round-trip times between regions (links.json, version 1), relative to the
   * working directory.
   *
   * @default "links/links.json"
   */
  readonly linksFile?: string;
}

/** LoadAwareArgs configure the plugin LoadAware. */
export interface LoadAwareArgs {
  /** Data selects the samples that count. */
  readonly data?: DataArgs;
  /**
   * The highest usage that a node may reach with the pod. 100 never rejects a node. By default only memory has a
   * lower threshold: pods that lack CPU or network become slow, but pods that lack memory are killed.
   */
  readonly threshold?: LoadThreshold;
  /** The weights of CPU, memory and network usage in the score. At least one must be above 0. */
  readonly weights?: LoadWeights;
  /**
   * The policy for nodes without usage data: Open scores them by requests, Closed rejects them.
   *
   * @default "Open"
   */
  readonly whenMissing?: MissingPolicy;
}

/** LoadThreshold is the highest usage of each resource, in percent of the node's capacity. */
export interface LoadThreshold {
  /**
   * The limit of CPU usage, in percent. Must be above 0 and at most 100.
   *
   * @default 100
   */
  readonly cpu?: number;
  /**
   * The limit of memory usage, in percent. Must be above 0 and at most 100.
   *
   * @default 90
   */
  readonly memory?: number;
  /**
   * The limit of network usage, in percent. Must be above 0 and at most 100.
   *
   * @default 100
   */
  readonly network?: number;
}

/** LoadWeights are the weights of each kind of usage in the score. */
export interface LoadWeights {
  /**
   * The weight of CPU usage. Must be at least 0 and at most 1000.
   *
   * @default 0.4
   */
  readonly cpu?: number;
  /**
   * The weight of memory usage. Must be at least 0 and at most 1000.
   *
   * @default 0.4
   */
  readonly memory?: number;
  /**
   * The weight of network usage. Must be at least 0 and at most 1000.
   *
   * @default 0.2
   */
  readonly network?: number;
}

/** MissingPolicy decides how nodes without usage data are treated. */
export type MissingPolicy = "Open" | "Closed";

/** ResourceProfileArgs configure the plugin ResourceProfile. */
export interface ResourceProfileArgs {
  /** Data selects the samples that count. */
  readonly data?: DataArgs;
  /**
   * How many times the pod's demand must fit into the free resources for the full score. Must be above 1 and at
   * most 1000.
   *
   * @default 4
   */
  readonly headroom?: number;
  /** The amount of each resource that gets the full score. Larger nodes get no more. */
  readonly scale?: Scale;
  /**
   * How far ahead the trend of a node's usage is extrapolated. 0s ignores trends. A Go duration, such as `90s`,
   * from `0s` to `24h`.
   *
   * @default "15m"
   */
  readonly trendHorizon?: string;
}

/** Scale is the amount of each resource that gets the full score. */
export interface Scale {
  /**
   * The number of cores. Must be above 0.
   *
   * @default 100
   */
  readonly cpu?: number;
  /**
   * The number of random reads of 4 KiB per second. Must be above 0.
   *
   * @default 1000
   */
  readonly iops?: number;
  /**
   * The memory in 10^9 bytes. Must be above 0.
   *
   * @default 512
   */
  readonly memoryGB?: number;
  /**
   * The network bandwidth in 10^9 bits per second. Must be above 0.
   *
   * @default 10
   */
  readonly networkGbps?: number;
}
