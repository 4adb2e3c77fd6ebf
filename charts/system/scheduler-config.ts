import { stringify } from "yaml";
import type {
  EdgeProximityArgs,
  LoadAwareArgs,
  ResourceProfileArgs,
} from "../../fleet/kubernetes/plugin-args.generated";
import { EDGE_SCHEDULER } from "../../fleet/labels";
import { SYSTEM_NAMESPACE } from "./namespaces";

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
