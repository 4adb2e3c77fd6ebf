import type { PolicyReport } from "../policies/engine/report";
import { findIntentProblems } from "./drills/availability";
import { evaluateDrills, type PolicySettings } from "./drills/findings";
import { collectDrills } from "./drills/drills";
import { compareFindings } from "./findings";
import { collectGeography } from "./geography";
import { compareObjects } from "./objects";
import { comparePlacements, countPlacements } from "./placements";
import { compareRegions } from "./regions";
import { summarizeRegionLoss } from "./drills/region-loss";
import type { RenderedState, Rendering } from "./rendering";
import { type PreviewReport, REPORT_VERSION } from "./report";
import {
  API_VERSION,
  type ClusterState,
  type Drill,
  type Outcome,
  type SimulationReport,
  type SimulationRequest,
} from "./simulator/protocol";
import { endFromSnapshot, type Snapshot, startFromSnapshot } from "./snapshot";
import { findBlockedRollouts, findUnschedulable } from "./unschedulable";
import { expectPlacements } from "./verification/expectation";

/** One side of a comparison. */
export interface Revision {
  /** Name for people: `main`, `1a2b3c`, a folder. */
  readonly label: string;
  readonly rendering: Rendering;
  readonly policy: PolicyReport;
  /** What the policy says about findings of drills. @default the rules' own severities, no waivers */
  readonly settings?: PolicySettings;
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

/** Builds the request for one cluster. A snapshot is what runs before the change. */
export function buildRequest(
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

const findCluster = ({ clusters }: Rendering, cluster: string): RenderedState | undefined =>
  clusters.find(({ name }) => name === cluster);

/** Simulates one cluster after another: a simulation uses every core. */
async function simulateAll(requests: readonly SimulationRequest[], simulate: Simulate): Promise<SimulationReport[]> {
  const reports: SimulationReport[] = [];
  for (const request of requests) reports.push(await simulate(request));
  return reports;
}

/** The findings of one severity: `tokyo: Node tokyo-gw-01: status.allocatable.cpu: must be greater than 0`. */
function describeFindings(cluster: string, { findings = [] }: Outcome, wanted: "Error" | "Warning"): string[] {
  return findings
    .filter(({ severity }) => severity === wanted)
    .map(({ object, path, message }) => {
      // Paths begin with the place of the object in the request, which says nothing to people.
      const field = path?.replace(/^(before|after)(\.\w+\[\d+\])?\.?/, "");
      const known = !field || message.startsWith(field) ? undefined : field;
      return [cluster, object, known, message].filter((part) => part !== undefined && part !== "").join(": ");
    });
}
/** Drops prices in another currency: they cannot be compared. */
const inCurrency = (rendering: Rendering, currency: string | undefined): Rendering =>
  rendering.currency === currency
    ? rendering
    : { ...rendering, clusters: rendering.clusters.map(({ prices: _prices, ...cluster }) => cluster) };

/** Builds the report from the simulations of each cluster before and after the change. */
function compareRevisions(
  base: Revision,
  head: Revision,
  requests: readonly SimulationRequest[],
  reports: readonly SimulationReport[],
  { seed = 1, drills = [], snapshot }: PreviewOptions,
): PreviewReport {
  const changes = reports.map(comparePlacements);
  const currency = head.rendering.currency ?? base.rendering.currency;
  const compared = reports.map((report, index) =>
    compareRegions(report, inCurrency(base.rendering, currency), head.rendering, changes[index]!.moves),
  );
  const regions = compared.flatMap((each) => each.regions);
  const results = collectDrills(
    drills,
    reports.map((report, index) => {
      const { before, after } = requests[index]!;
      return { report, after, ...(before && { before }) };
    }),
  );
  const regionLoss = summarizeRegionLoss([...new Set(regions.map(({ region }) => region))].sort(), results);
  const withDrills = ({ rendering, policy, settings = {} }: Revision, moment: "before" | "after"): PolicyReport => {
    if (drills.length === 0) return policy;
    const found = evaluateDrills(rendering, policy, settings, results, moment, regionLoss !== undefined);
    return { ...policy, findings: [...policy.findings, ...found] };
  };
  return {
    version: REPORT_VERSION,
    fleet: head.rendering.fleet,
    base: base.label,
    head: head.label,
    seed,
    ...(snapshot && { snapshot: snapshot.takenAt }),
    kubernetes: reports[0]?.kubernetes ?? "",
    ...(currency !== undefined && { currency }),
    clusters: compared.map(({ cluster }) => cluster),
    regions,
    geography: collectGeography(base.rendering, head.rendering, regions),
    placements: reports.flatMap(countPlacements),
    expected: reports.map((report) => expectPlacements(report, findCluster(head.rendering, report.cluster))),
    moves: changes.flatMap(({ moves }) => moves),
    created: changes.flatMap(({ created }) => created),
    removed: changes.flatMap(({ removed }) => removed),
    unschedulable: reports.flatMap(findUnschedulable),
    blocked: reports.flatMap(findBlockedRollouts),
    objects: reports.flatMap(({ cluster }) =>
      compareObjects(
        cluster,
        findCluster(base.rendering, cluster)?.objects ?? [],
        findCluster(head.rendering, cluster)?.objects ?? [],
      ),
    ),
    findings: compareFindings(withDrills(base, "before"), withDrills(head, "after")),
    drills: results,
    ...(regionLoss && { regionLoss }),
    errors: reports.flatMap(({ cluster, after }, index) => [
      ...describeFindings(cluster, after, "Error"),
      ...findIntentProblems(requests[index]!.after.objects).map((problem) => `${cluster}: ${problem}`),
    ]),
    warnings: [
      ...new Set(
        reports.flatMap(({ cluster, before, after }) => [
          // A head may repair the base, so errors of the base do not block it.
          ...(before && before !== after ? describeFindings(cluster, before, "Error") : []).map(
            (line) => `base: ${line}`,
          ),
          ...describeFindings(cluster, after, "Warning"),
        ]),
      ),
    ],
    notModelled: [
      ...new Set(
        reports.flatMap(({ cluster, after }) =>
          (after.notModelled ?? []).map(({ object, reason }) => `${cluster}: ${object}: ${reason}`),
        ),
      ),
    ],
    tied: reports.reduce((sum, { after }) => sum + after.pods.filter(({ ties }) => ties?.length).length, 0),
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
  const names = [...new Set([...base.rendering.clusters, ...head.rendering.clusters].map(({ name }) => name))];
  const requests = names.map((name) =>
    buildRequest(name, findCluster(base.rendering, name), findCluster(head.rendering, name), options),
  );
  return compareRevisions(base, head, requests, await simulateAll(requests, simulate), options);
}

/**
 * Computes where every pod of a fleet runs. The report has no base and no changes.
 *
 * @param simulate runs the placement simulator for one cluster
 */
export async function previewFleet(
  fleet: Revision,
  simulate: Simulate,
  options: PreviewOptions = {},
): Promise<PreviewReport> {
  const requests = fleet.rendering.clusters.map((cluster) => buildRequest(cluster.name, undefined, cluster, options));
  const reports = await simulateAll(requests, simulate);
  const unchanged = reports.map((report) => ({ ...report, before: report.after }));
  const states = requests.map((request) => ({ ...request, before: request.after }));
  const { base: _base, ...report } = compareRevisions(fleet, fleet, states, unchanged, options);
  return report;
}
