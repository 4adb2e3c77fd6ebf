import { packageVersion } from "../fleet/package-folder";

/** Pinned images of the charts. Skerry's images have the version of this package. */
export const images = {
  edgeScheduler: `ghcr.io/skerry-dev/edge-scheduler:${packageVersion}`,
  nodeController: `ghcr.io/skerry-dev/node-controller:${packageVersion}`,
  edgeAgent: `ghcr.io/skerry-dev/edge-agent:${packageVersion}`,
  edgeIngest: `ghcr.io/skerry-dev/edge-ingest:${packageVersion}`,
  siteSync: `ghcr.io/skerry-dev/site-sync:${packageVersion}`,
  nodeAgent: `ghcr.io/skerry-dev/node-agent:${packageVersion}`,
  /** The tests also run the configuration on Mosquitto 2.0.11, the oldest supported version. */
  mosquitto: "docker.io/library/eclipse-mosquitto:2.0.22",
} as const;
