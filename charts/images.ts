import { packageVersion } from "../fleet/package-folder";

/** Images that the charts run, each pinned. Ours carry the version of this package. */
export const images = {
  edgeScheduler: `ghcr.io/skerry-dev/edge-scheduler:${packageVersion}`,
  nodeController: `ghcr.io/skerry-dev/node-controller:${packageVersion}`,
  /** The test suite runs the same configuration on Debian's 2.0.11, the oldest version it must hold for. */
  mosquitto: "docker.io/library/eclipse-mosquitto:2.0.22",
} as const;
