import { parseFleet } from "../../../fleet/reading/parse";
import type { PolicyReport } from "../../../policies/engine/report";
import { previewChange, previewFleet, type Revision } from "../../../preview/preview";
import { renderStates } from "../../../preview/rendering";
import type { PreviewReport } from "../../../preview/report";
import { local } from "../../../stacks/local";
import { simulateRoundRobin } from "./round-robin";

type Input = typeof local;

const revise = (label: string, input: Input, findings: PolicyReport["findings"] = []): Revision => ({
  label,
  rendering: renderStates(parseFleet(input)),
  policy: { findings } as unknown as PolicyReport,
});

/** The local fleet with more pods. */
const base: Input = {
  ...local,
  workloads: {
    ...local.workloads,
    dashboard: { ...local.workloads!.dashboard!, placement: { kind: "anywhere", replicas: 9 } },
    "anomaly-detector": {
      ...local.workloads!["anomaly-detector"]!,
      placement: { kind: "each-region", regions: local.regions.map(({ name }) => name), replicas: 6 },
    },
  },
};

/** The same with too few nodes in Sydney for its detectors, and more dashboards. */
const head: Input = {
  ...base,
  clusters: base.clusters.map((cluster) => ({
    ...cluster,
    nodePools: cluster.nodePools
      .filter(({ name }) => name !== "sydney-pi5")
      .map((pool) => (/^sydney-(gw|jetson)$/.test(pool.name) ? { ...pool, count: 1 } : pool)),
  })),
  workloads: {
    ...base.workloads,
    dashboard: { ...base.workloads!.dashboard!, placement: { kind: "anywhere", replicas: 11 } },
  },
};

const FINDING: PolicyReport["findings"][number] = {
  rule: "enough-nodes",
  severity: "warning",
  cluster: "tokyo",
  path: "clusters[2].nodePools[9].count",
  message: "1 is less than 2: the region has no spare gateway",
} as PolicyReport["findings"][number];

const drills = local.regions.map(({ name }) => ({ region: name }));

/** A preview of a change to the local fleet, with a drill for each region. Every pod goes to nodes in turn. */
export const previewLocalFleet = (): Promise<PreviewReport> =>
  previewChange(revise("main", base), revise("working tree", head, [FINDING]), simulateRoundRobin, { drills });

/** A picture of the local fleet. */
export const describeLocalFleet = (): Promise<PreviewReport> =>
  previewFleet(revise("working tree", base), simulateRoundRobin, { drills });
