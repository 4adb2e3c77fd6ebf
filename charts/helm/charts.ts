import type { HelmChart } from "./chart";
import { edgeAgentHelmChart } from "./edge-agent";
import { edgeIngestHelmChart } from "./edge-ingest";
import { nodeAgentHelmChart } from "./node-agent";
import { siteSyncHelmChart } from "./site-sync";

/** The Helm charts, by the name of their program. */
export const helmCharts: Readonly<Record<string, () => HelmChart>> = {
  "edge-agent": edgeAgentHelmChart,
  "edge-ingest": edgeIngestHelmChart,
  "node-agent": nodeAgentHelmChart,
  "site-sync": siteSyncHelmChart,
};
