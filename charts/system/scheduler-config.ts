import { stringify } from "yaml";
import type {
  EdgeProximityArgs,
  LoadAwareArgs,
  ResourceProfileArgs,
} from "../../fleet/kubernetes/plugin-args.generated";
import { EDGE_SCHEDULER } from "../../fleet/labels";
import { SYSTEM_NAMESPACE } from "./namespaces";

/** Settings of the edge scheduler and its plugins. */
export interface SchedulerConfigProps {
  /** Arguments of the plugin `EdgeProximity`. @default the plugin's defaults */
  readonly edgeProximity?: EdgeProximityArgs;
  /** Arguments of the plugin `ResourceProfile`. @default the plugin's defaults */
  readonly resourceProfile?: ResourceProfileArgs;
  /** Arguments of the plugin `LoadAware`. @default the plugin's defaults */
  readonly loadAware?: LoadAwareArgs;
  /** Weight of each plugin's score. The weights of upstream's plugins are 1 to 3. */
  readonly weights?: {
    /** Prefers nodes with a short round-trip time. @default 5 */
    readonly edgeProximity?: number;
    /** Prefers nodes whose free resources match the pod's demand. @default 3 */
    readonly resourceProfile?: number;
    /** Prefers nodes with low usage. @default 3 */
    readonly loadAware?: number;
  };
  /**
   * Percentage of nodes that the scheduler scores for a pod, but at least 100 nodes. The scheduler rotates through the
   * nodes, except for pods near a region, which get the nearest nodes. 100 scores all nodes. @default 5, upstream's
   * minimum
   */
  readonly percentageOfNodesToScore?: number;
  /**
   * Requests per second to the API server. Upstream's 50 limits a scheduler to about 70 pods per second. @default 400
   */
  readonly qps?: number;
  /** Requests to the API server in one burst. @default 800 */
  readonly burst?: number;
}

/**
 * Renders the scheduler's configuration file, a `KubeSchedulerConfiguration` as YAML. It has one profile with
 * upstream's default plugins and Skerry's, and its own lease, so it does not compete with the default scheduler.
 */
export function schedulerConfig({
  edgeProximity = {},
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
          // LoadAware also scores requests where usage is unknown, so NodeResourcesFit would count them twice.
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
