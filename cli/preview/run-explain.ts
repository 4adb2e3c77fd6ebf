import { buildExplanation, hasNode, selectNode } from "../../preview/explanation";
import { renderExplanation } from "../../preview/output/explanation";
import { detectTextOptions } from "../../preview/output/text";
import type { RenderedState } from "../../preview/rendering";
import type { WorkloadName } from "../../preview/report";
import {
  describeAmbiguous,
  describeMissing,
  listPods,
  listWorkloads,
  matchTarget,
  parseTarget,
} from "../../preview/targets";
import type { ExplainOptions } from "./options";
import { EXIT } from "./exit";
import { openSimulatedStack, type SimulatedStack } from "./simulate-stack";

/** The pods of every cluster. Their names end in hashes that only the simulation knows. */
async function listAllPods({ clusters, simulate }: SimulatedStack): Promise<WorkloadName[]> {
  const pods: WorkloadName[] = [];
  for (const cluster of clusters) pods.push(...listPods(cluster.name, (await simulate(cluster, {})).after));
  return pods;
}

/**
 * Finds the pod or workload that a name means.
 *
 * @throws Error if there is none or more than one, with the names that are possible
 */
async function findSubject(text: string, namespace: string | undefined, stack: SimulatedStack): Promise<WorkloadName> {
  const target = parseTarget(text, namespace);
  const workloads = stack.clusters.flatMap(({ name, objects }) => listWorkloads(name, objects));
  let candidates = workloads;
  let found = matchTarget(target, workloads);
  if (found.length === 0 && (target.kind === undefined || target.kind === "Pod")) {
    candidates = [...workloads, ...(await listAllPods(stack))];
    found = matchTarget(target, candidates);
  }
  if (found.length > 1) throw new Error(describeAmbiguous(target, found));
  if (found.length === 1) return found[0]!;
  const names = stack.clusters.map(({ name }) => name);
  throw new Error(describeMissing(target, candidates, names.length === 1 ? `cluster ${names[0]}` : "the fleet"));
}

/**
 * Runs `skerry explain`.
 *
 * @returns the exit code
 * @throws Error if the fleet cannot be rendered or simulated, or the name means no pod or several
 */
export async function runExplain(text: string, options: ExplainOptions): Promise<number> {
  const stack = await openSimulatedStack(options);
  const subject = await findSubject(text, options.namespace, stack);
  const { cluster: name, ...reference } = subject;
  const cluster: RenderedState = stack.clusters.find((each) => each.name === name)!;
  const simulation = await stack.simulate(cluster, { explain: [reference] });
  const report = buildExplanation(subject, simulation, stack.snapshot?.takenAt);
  const shown = options.node === undefined ? report : selectNode(report, options.node);
  process.stdout.write(
    options.format === "json" ? `${JSON.stringify(shown, null, 2)}\n` : renderExplanation(shown, detectTextOptions()),
  );
  return hasNode(report) ? EXIT.fine : EXIT.concern;
}
