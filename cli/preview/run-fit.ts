import { addNodes, parsePool } from "../../preview/added-nodes";
import { buildFit, type FitReport, type FitSimulation, type MixedWorkload } from "../../preview/fit";
import { renderFit } from "../../preview/output/fit";
import { detectTextOptions } from "../../preview/output/text";
import type { RenderedState } from "../../preview/rendering";
import type { WorkloadName } from "../../preview/report";
import type { SimulationRequest } from "../../preview/simulator/protocol";
import { describeAmbiguous, describeMissing, listWorkloads, matchTarget, parseTarget } from "../../preview/targets";
import type { FitOptions } from "./options";
import { EXIT } from "./exit";
import { openSimulatedStack, type SimulatedStack } from "./simulate-stack";

/** Kinds whose number of pods is a choice. */
const REPLICATED: readonly string[] = ["Deployment", "StatefulSet", "ReplicaSet", "Job"];

/** Splits `deployment/detector=2`. */
function parseShare(text: string): { readonly name: string; readonly perRound: number } {
  const [, name = text, count] = /^(.*?)=(.*)$/.exec(text) ?? [];
  if (count === undefined) return { name, perRound: 1 };
  const perRound = Number(count);
  if (!/^\d+$/.test(count) || perRound < 1 || perRound > 10_000)
    throw new Error(
      `${JSON.stringify(text)}: the number after = must be a whole number from 1 to 10000, got ${JSON.stringify(count)}`,
    );
  return { name, perRound };
}

/**
 * Finds the workload that a name means, in every cluster that has it.
 *
 * @throws Error if there is none, or several in different namespaces or of different kinds
 */
function findWorkload(text: string, namespace: string | undefined, clusters: readonly RenderedState[]): WorkloadName[] {
  const target = parseTarget(text, namespace);
  const workloads = clusters.flatMap(({ name, objects }) => listWorkloads(name, objects));
  const found = matchTarget(target, workloads);
  const [first] = found;
  if (!first) {
    const where = clusters.length === 1 ? `cluster ${clusters[0]!.name}` : "the fleet";
    throw new Error(
      describeMissing(
        target,
        workloads.filter(({ kind }) => REPLICATED.includes(kind)),
        where,
      ),
    );
  }
  if (found.some(({ kind, namespace: scope }) => kind !== first.kind || scope !== first.namespace))
    throw new Error(describeAmbiguous(target, found));
  if (!REPLICATED.includes(first.kind))
    throw new Error(
      `${JSON.stringify(text)} is a ${first.kind}, which has no number of replicas: must be one of: ${REPLICATED.join(", ")}; ` +
        `skerry explain ${first.kind.toLowerCase()}/${first.name} says which nodes take its pods`,
    );
  return found;
}

/** The clusters that have every workload of a mix. */
function findClusters(
  mix: readonly (readonly WorkloadName[])[],
  texts: readonly string[],
  clusters: readonly RenderedState[],
): RenderedState[] {
  const found = clusters.filter(({ name }) => mix.every((all) => all.some(({ cluster }) => cluster === name)));
  if (found.length > 0) return found;
  const lines = mix.map((all, index) => `\n  ${texts[index]} is in ${all.map(({ cluster }) => cluster).join(", ")}`);
  throw new Error(`no cluster has every workload of the mix:${lines.join("")}`);
}

async function simulateFits(
  stack: SimulatedStack,
  clusters: readonly RenderedState[],
  mix: readonly MixedWorkload[],
  { max = false, addPool }: FitOptions,
): Promise<{ simulations: FitSimulation[]; addedNodes?: FitReport["addedNodes"] }> {
  const workloads = mix.map(({ perRound, ...reference }) => ({ ...reference, replicas: perRound }));
  const questions: Pick<SimulationRequest["options"], "fit"> = { fit: [{ workloads, ...(!max && { limit: 1 }) }] };
  const change = addPool === undefined ? undefined : addNodes(stack.fleet, parsePool(addPool));
  const changed = change && stack.render(change.fleet).clusters.find(({ name }) => name === change.added.cluster);
  if (change && !clusters.some(({ name }) => name === change.added.cluster))
    throw new Error(
      `--add-pool: cluster ${change.added.cluster} is not asked about: must be one of: ${clusters.map(({ name }) => name).join(", ")}`,
    );
  const simulations: FitSimulation[] = [];
  // One after another: a simulation uses every core.
  for (const cluster of clusters) {
    const report = await stack.simulate(cluster, questions);
    const withPool = changed?.name === cluster.name ? await stack.simulate(cluster, questions, changed) : undefined;
    simulations.push({ report, ...(withPool && { withPool }) });
  }
  return { simulations, ...(change && { addedNodes: change.added }) };
}

/**
 * Runs `skerry fit`.
 *
 * @returns the exit code
 * @throws Error if the fleet cannot be rendered or simulated, or an argument is invalid
 */
export async function runFit(texts: readonly string[], options: FitOptions): Promise<number> {
  const shares = texts.map(parseShare);
  const stack = await openSimulatedStack(options);
  const found = shares.map(({ name }) => findWorkload(name, options.namespace, stack.clusters));
  const mix = found.map(([first], index): MixedWorkload => {
    const { kind, namespace, name } = first!;
    return { kind, namespace, name, perRound: shares[index]!.perRound };
  });
  const twice = mix.find((one, index) =>
    mix
      .slice(0, index)
      .some((other) => one.kind === other.kind && one.namespace === other.namespace && one.name === other.name),
  );
  if (twice) throw new Error(`${twice.kind.toLowerCase()}/${twice.name}: must be given once; add the numbers after =`);
  const clusters = findClusters(
    found,
    shares.map(({ name }) => name),
    stack.clusters,
  );
  const { simulations, addedNodes } = await simulateFits(stack, clusters, mix, options);
  const { max = false } = options;
  const report = buildFit(simulations, {
    mix,
    max,
    ...(addedNodes && { addedNodes }),
    ...(stack.snapshot && { snapshot: stack.snapshot.takenAt }),
  });
  process.stdout.write(
    options.format === "json" ? `${JSON.stringify(report, null, 2)}\n` : renderFit(report, detectTextOptions()),
  );
  return Math.max(report.rounds, report.roundsWithPool ?? 0) > 0 ? EXIT.fine : EXIT.concern;
}
