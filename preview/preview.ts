import type { PolicyReport } from "../policies/engine/report";
import { collectDrills } from "./drills";
import { compareFindings } from "./findings";
import { compareObjects } from "./objects";
import { comparePlacements } from "./placements";
import { compareRegions } from "./regions";
import type { RenderedState, Rendering } from "./rendering";
import { type PreviewReport, REPORT_VERSION } from "./report";
import {
  API_VERSION,
  type ClusterState,
  type Drill,
  type SimulationReport,
  type SimulationRequest,
} from "./simulator/protocol";
import { endFromSnapshot, type Snapshot, startFromSnapshot } from "./snapshot";
import { findBlockedRollouts, findUnschedulable } from "./unschedulable";

/** One side of a comparison. */
export interface Revision {
  /** Name for people: `main`, `1a2b3c`, a folder. */
  readonly label: string;
  readonly rendering: Rendering;
  readonly policy: PolicyReport;
}

export interface PreviewOptions {
  /** @default 1 */
  readonly seed?: number;
  /** Places every pod anew, as if the cluster were empty. @default false: running pods stay where they are */
  readonly rescheduleAll?: boolean;
  readonly drills?: readonly Drill[];
  /** What runs before the change. @default the simulated state of the base */
  readonly snapshot?: Snapshot;
}

/** Simulates one cluster: a process of the placement simulator, or a test's stand-in. */
export type Simulate = (request: SimulationRequest) => Promise<SimulationReport>;

const EMPTY = { nodes: [], objects: [], schedulerConfigurations: [] };

const keepState = ({ nodes, objects, schedulerConfigurations }: ClusterState): ClusterState => ({
  nodes,
  objects,
  schedulerConfigurations,
});

function buildRequest(
  name: string,
  base: RenderedState | undefined,
  head: RenderedState | undefined,
  { seed = 1, rescheduleAll = false, drills = [], snapshot }: PreviewOptions,
): SimulationRequest {
  const observed = snapshot?.clusters.find((cluster) => cluster.name === name);
  const before = base && (observed ? startFromSnapshot(observed, base) : keepState(base));
  const after = head && (observed ? endFromSnapshot(observed, head) : keepState(head));
  return {
    apiVersion: API_VERSION,
    kind: "SimulationRequest",
    cluster: name,
    ...(before && { before }),
    after: after ?? EMPTY,
    options: { seed, rescheduleAll, drills, ...(snapshot && { now: snapshot.takenAt }) },
  };
}

/**
 * Computes what a change does to a fleet: simulates each cluster before and after, and compares.
 *
 * @param base what runs now
 * @param head what the change proposes
 * @param simulate runs the placement simulator for one cluster
 */
export async function previewChange(
  base: Revision,
  head: Revision,
  simulate: Simulate,
  options: PreviewOptions = {},
): Promise<PreviewReport> {
  const find = ({ rendering }: Revision, name: string): RenderedState | undefined =>
    rendering.clusters.find((cluster) => cluster.name === name);
  const names = [...new Set([...base.rendering.clusters, ...head.rendering.clusters].map(({ name }) => name))];
  const reports: SimulationReport[] = [];
  // One at a time: a simulation uses every core.
  for (const name of names)
    reports.push(await simulate(buildRequest(name, find(base, name), find(head, name), options)));

  const changes = reports.map(comparePlacements);
  const outcomes = reports.map(({ cluster, after }) => ({ cluster, after }));
  return {
    version: REPORT_VERSION,
    base: base.label,
    head: head.label,
    seed: options.seed ?? 1,
    ...(options.snapshot && { snapshot: options.snapshot.takenAt }),
    kubernetes: reports[0]?.kubernetes ?? "",
    regions: reports.flatMap((report, index) =>
      compareRegions(report, base.rendering, head.rendering, changes[index]!.moves),
    ),
    moves: changes.flatMap(({ moves }) => moves),
    created: changes.flatMap(({ created }) => created),
    removed: changes.flatMap(({ removed }) => removed),
    unschedulable: reports.flatMap(findUnschedulable),
    blocked: reports.flatMap(findBlockedRollouts),
    objects: names.flatMap((name) =>
      compareObjects(name, find(base, name)?.objects ?? [], find(head, name)?.objects ?? []),
    ),
    findings: compareFindings(base.policy, head.policy),
    drills: collectDrills(options.drills ?? [], reports),
    errors: outcomes.flatMap(({ cluster, after }) =>
      (after.findings ?? [])
        .filter(({ severity }) => severity === "Error")
        .map(({ object, message }) => `${cluster}: ${object === undefined ? "" : `${object}: `}${message}`),
    ),
    notModelled: [
      ...new Set(
        outcomes.flatMap(({ cluster, after }) =>
          (after.notModelled ?? []).map(({ object, reason }) => `${cluster}: ${object}: ${reason}`),
        ),
      ),
    ],
    tied: outcomes.reduce((sum, { after }) => sum + after.pods.filter(({ ties }) => ties?.length).length, 0),
  };
}
