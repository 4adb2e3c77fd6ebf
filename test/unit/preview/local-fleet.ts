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

/** The local fleet with fewer nodes in Sydney, more dashboards, and a detector that needs nodes that Sydney no longer has. */
const changed: Input = {
  ...local,
  clusters: local.clusters.map((cluster) => ({
    ...cluster,
    nodePools: cluster.nodePools
      .filter(({ name }) => name !== "sydney-pi5")
      .map((pool) => (pool.name === "sydney-gw" ? { ...pool, count: 1 } : pool)),
  })),
  workloads: {
    ...local.workloads,
    dashboard: { ...local.workloads!.dashboard!, placement: { kind: "anywhere", replicas: 4 } },
  },
};

const FINDING: PolicyReport["findings"][number] = {
  rule: "enough-nodes",
  severity: "warning",
  cluster: "tokyo",
  path: "clusters[2].nodePools[9].count",
  message: "1 is less than 2: the region has no spare gateway",
} as PolicyReport["findings"][number];

const drills = local.regions!.map(({ name }) => ({ region: name }));

/** A preview of a change to the local fleet, with a drill for each region. Every pod goes to nodes in turn. */
export const previewLocalFleet = (): Promise<PreviewReport> =>
  previewChange(revise("main", local), revise("working tree", changed, [FINDING]), simulateRoundRobin, { drills });

/** A picture of the local fleet. */
export const describeLocalFleet = (): Promise<PreviewReport> =>
  previewFleet(revise("working tree", local), simulateRoundRobin, { drills });
