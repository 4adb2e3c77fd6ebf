import { stringify } from "yaml";
import { EDGE_SCHEDULER } from "../fleet/labels";
import { SYSTEM_NAMESPACE } from "./system";

/** Arguments of the plugin `EdgeProximity`. */
export interface EdgeProximityArgs {
  /** File with the round trips between regions, relative to the scheduler's working directory. */
  readonly linksFile: string;
}

export interface SchedulerConfigProps {
  readonly edgeProximity: EdgeProximityArgs;
  /** How much a short round trip counts beside upstream's scores (which weigh 1 to 3). @default 5 */
  readonly proximityWeight?: number;
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
  proximityWeight = 5,
  qps = 400,
  burst = 800,
}: SchedulerConfigProps): string {
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
        plugins: { multiPoint: { enabled: [{ name: "EdgeProximity", weight: proximityWeight }] } },
        pluginConfig: [
          {
            name: "EdgeProximity",
            args: { apiVersion: "config.skerry.dev/v1", kind: "EdgeProximityArgs", ...edgeProximity },
          },
        ],
      },
    ],
  });
}
