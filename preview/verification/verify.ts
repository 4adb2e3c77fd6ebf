import { describeRevisions } from "../output/tally";
import type { AgreementSummary, ExpectedCluster, PreviewReport } from "../report";
import type { ClusterSnapshot, Snapshot } from "../snapshot";
import { parseWorkloadKey, workloadKey } from "../workloads";
import { AGREEMENT_VERSION, type AgreementCounts, type AgreementReport, type Disagreement } from "./agreement";
import { findCauses } from "./causes";
import { observeCluster, type ObservedCluster } from "./observation";
import { type Pair, pairPods } from "./workload";

interface VerifiedCluster {
  readonly counts: AgreementCounts & { readonly cluster: string };
  readonly disagreements: readonly Disagreement[];
  readonly unclaimed: AgreementReport["unclaimed"];
}

const isPending = (place: Pair["expected"]): boolean => place !== undefined && place.node === undefined;

function countPairs(pairs: readonly Pair[]): AgreementCounts {
  const count = (matches: (pair: Pair) => boolean): number => pairs.filter(matches).length;
  return {
    pods: pairs.length,
    regions: count(({ agrees }) => agrees !== "no"),
    nodes: count(({ agrees }) => agrees === "node" || agrees === "tie"),
    ties: count(({ agrees }) => agrees === "tie"),
    unschedulable: {
      expected: count(({ expected }) => isPending(expected)),
      found: count(({ expected, found }) => isPending(expected) && isPending(found)),
    },
  };
}

const sumCounts = (all: readonly AgreementCounts[]): AgreementCounts => {
  const sum = (value: (counts: AgreementCounts) => number): number =>
    all.reduce((total, counts) => total + value(counts), 0);
  return {
    pods: sum(({ pods }) => pods),
    regions: sum(({ regions }) => regions),
    nodes: sum(({ nodes }) => nodes),
    ties: sum(({ ties }) => ties),
    unschedulable: {
      expected: sum(({ unschedulable }) => unschedulable.expected),
      found: sum(({ unschedulable }) => unschedulable.found),
    },
  };
};

/** The pods of workloads that a report does not have, by workload and by node. */
function findUnclaimed({ cluster, workloads }: ExpectedCluster, { pods }: ObservedCluster) {
  const claimed = new Set(workloads.map(workloadKey));
  const others = [...pods].filter(([key]) => !claimed.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  const byNode = new Map<string, number>();
  for (const { node } of others.flatMap(([, found]) => found))
    if (node !== undefined) byNode.set(node, (byNode.get(node) ?? 0) + 1);
  return {
    byNode,
    workloads: others.map(([key, found]) => ({ workload: parseWorkloadKey(cluster, key), pods: found.length })),
  };
}

function verifyCluster(report: PreviewReport, expected: ExpectedCluster, snapshot: ClusterSnapshot): VerifiedCluster {
  const { cluster, nodes, workloads } = expected;
  const observed = observeCluster(snapshot);
  const unclaimed = findUnclaimed(expected, observed);
  const podsOf = (workload: (typeof workloads)[number]) => observed.pods.get(workloadKey(workload)) ?? [];
  const paired = workloads.map((workload) => ({
    workload,
    pairs: pairPods(workload, nodes, podsOf(workload), observed),
  }));
  const counts = countPairs(paired.flatMap(({ pairs }) => pairs));
  const context = {
    ...{ report, cluster, observed, ties: counts.ties },
    nodes: new Set(nodes.map(({ node }) => node)),
    otherPods: unclaimed.byNode,
  };
  return {
    counts: { cluster, ...counts },
    disagreements: paired.flatMap(({ workload, pairs }) =>
      pairs
        .filter(({ agrees }) => agrees === "region" || agrees === "no")
        .map((pair): Disagreement => ({
          workload: { cluster, kind: workload.kind, namespace: workload.namespace, name: workload.name },
          level: pair.agrees === "region" ? "node" : "region",
          ...(pair.expected && { expected: pair.expected }),
          ...(pair.found && { found: pair.found }),
          causes: findCauses(workload, pair, podsOf(workload), context),
        })),
    ),
    unclaimed: unclaimed.workloads,
  };
}

/**
 * Compares where a report expects pods with where they run.
 *
 * @throws Error if the snapshot and the report do not have the same clusters
 */
export function verifyReport(report: PreviewReport, snapshot: Snapshot): AgreementReport {
  const [expected, live] = [report.expected.map(({ cluster }) => cluster), snapshot.clusters.map(({ name }) => name)];
  const missing = expected.filter((name) => !live.includes(name));
  const other = live.filter((name) => !expected.includes(name));
  if (missing.length > 0 || other.length > 0)
    throw new Error(
      `the report on fleet ${report.fleet} has clusters ${expected.join(", ") || "none"}; found ${live.join(", ") || "none"}: ` +
        "is it a report on another fleet?",
    );
  const verified = report.expected.map((each) =>
    verifyCluster(
      report,
      each,
      snapshot.clusters.find(({ name }) => name === each.cluster)!,
    ),
  );
  return {
    version: AGREEMENT_VERSION,
    fleet: report.fleet,
    revisions: describeRevisions(report),
    verifiedAt: snapshot.takenAt,
    ...sumCounts(verified.map(({ counts }) => counts)),
    clusters: verified.map(({ counts }) => counts),
    disagreements: verified.flatMap(({ disagreements }) => disagreements),
    unclaimed: verified.flatMap(({ unclaimed }) => unclaimed),
  };
}

/**
 * Returns what the next report says about the last one.
 *
 * @throws Error if the agreement is that of another fleet
 */
export function summarizeAgreement(agreement: AgreementReport, fleet: string): AgreementSummary {
  if (agreement.fleet !== fleet)
    throw new Error(`the agreement must be that of fleet ${fleet}, got ${agreement.fleet}`);
  const { verifiedAt, revisions, pods, regions, nodes, ties } = agreement;
  return { verifiedAt, revisions, pods, regions, nodes, ties };
}
