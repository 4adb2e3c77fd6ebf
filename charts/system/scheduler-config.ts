import { stringify } from "yaml";
import { EDGE_SCHEDULER } from "../../fleet/labels";
import { SYSTEM_NAMESPACE } from "./namespaces";

/** Arguments of the plugin `EdgeProximity`. */
export interface EdgeProximityArgs {
  /** File with the round trips between regions, relative to the scheduler's working directory. */
  readonly linksFile: string;
}

/** Which samples of nodes' usage count. Durations are Go's: `90s`, `2m`. */
export interface DataArgs {
  /** How long a sample counts; an older one does not count at all. @default "30m" */
  readonly freshFor?: string;
  /** How far in the future a sample may be dated, because clocks differ. @default "10s" */
  readonly clockSkew?: string;
}

/** Arguments of the plugin `ResourceProfile`. */
export interface ResourceProfileArgs {
  /** What counts as full in each dimension; a node that has more counts as full too. */
  readonly scale?: {
    /** Cores. @default 100 */
    readonly cpu?: number;
    /** 10^9 bytes. @default 512 */
    readonly memoryGB?: number;
    /** Random reads of 4 KiB a second. @default 1000 */
    readonly iops?: number;
    /** 10^9 bits a second. @default 10 */
    readonly networkGbps?: number;
  };
  /** How many times the pod's demand has to fit into what is free for full marks, above 1. @default 4 */
  readonly headroom?: number;
  /** How far ahead a node's trend is followed; `0s` ignores trends. @default "15m" */
  readonly trendHorizon?: string;
  readonly data?: DataArgs;
}

/** Arguments of the plugin `LoadAware`. */
export interface LoadAwareArgs {
  /** Weights in the score, not negative, not all 0. @default cpu 0.4, memory 0.4, network 0.2 */
  readonly weights?: { readonly cpu?: number; readonly memory?: number; readonly network?: number };
  /** Per cent that a node's usage may reach with the pod; 100 refuses nothing. @default memory 90, the others 100 */
  readonly threshold?: { readonly cpu?: number; readonly memory?: number; readonly network?: number };
  /** A node without usage data: `Open` goes by requests, `Closed` takes no pods. @default "Open" */
  readonly whenMissing?: "Open" | "Closed";
  readonly data?: DataArgs;
}

/** The scheduler's configuration, as far as charts state it. */
export interface SchedulerConfigProps {
  readonly edgeProximity: EdgeProximityArgs;
  /** @default the plugin's defaults */
  readonly resourceProfile?: ResourceProfileArgs;
  /** @default the plugin's defaults */
  readonly loadAware?: LoadAwareArgs;
  /** How much each plugin's score counts beside upstream's, which weigh 1 to 3. */
  readonly weights?: {
    /** A short round trip. @default 5 */
    readonly edgeProximity?: number;
    /** The right shape with room to spare. @default 3 */
    readonly resourceProfile?: number;
    /** An idle node. @default 3 */
    readonly loadAware?: number;
  };
  /**
   * Per cent of the nodes that are looked at for a pod, if as many can take it: at least 100 nodes, other ones each time;
   * 100 looks at all. A pod near a region gets the nearest. @default 5, the least that upstream comes down to
   */
  readonly percentageOfNodesToScore?: number;
  /** Requests a second to the API; upstream's 50 caps a scheduler near 70 pods a second. @default 400 */
  readonly qps?: number;
  /** Requests to the API in one burst. @default 800 */
  readonly burst?: number;
}

/**
 * The scheduler's configuration file, `kubescheduler.config.k8s.io/v1` as YAML: one profile, upstream's default plugins
 * plus our own, and a lease of its own so that it never contends with the default scheduler.
 */
export function schedulerConfig({
  edgeProximity,
  resourceProfile = {},
  loadAware = {},
  weights = {},
  percentageOfNodesToScore = 5,
  qps = 400,
  burst = 800,
}: SchedulerConfigProps): string {
  const plugins = [
    { name: "EdgeProximity", weight: weights.edgeProximity ?? 5, args: edgeProximity },
    { name: "ResourceProfile", weight: weights.resourceProfile ?? 3, args: resourceProfile },
    { name: "LoadAware", weight: weights.loadAware ?? 3, args: loadAware },
  ];
  return stringify({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    clientConnection: { qps, burst },
    leaderElection: {
      leaderElect: true,
      resourceLock: "leases",
      resourceName: EDGE_SCHEDULER,
      resourceNamespace: SYSTEM_NAMESPACE,
      leaseDuration: "15s",
      renewDeadline: "10s",
      retryPeriod: "2s",
    },
    profiles: [
      {
        schedulerName: EDGE_SCHEDULER,
        percentageOfNodesToScore,
        plugins: {
          multiPoint: { enabled: plugins.map(({ name, weight }) => ({ name, weight })) },
          // LoadAware goes by requests too, as far as usage is not known: what this would add, it has.
          score: { disabled: [{ name: "NodeResourcesFit" }] },
        },
        pluginConfig: plugins.map(({ name, args }) => ({
          name,
          args: { apiVersion: "config.skerry.dev/v1", kind: `${name}Args`, ...args },
        })),
      },
    ],
  });
}
