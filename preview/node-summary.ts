import { CONTROL_PLANE } from "../fleet/labels";
import { parseQuantity, toNumber } from "../fleet/kubernetes/quantity";
import type { RenderedState } from "./rendering";
import type { HourlyCost, ResourceShares } from "./report";
import type { SimulatedNode } from "./simulator/protocol";

/** What a revision says about the nodes of a cluster, and the scheduler does not. */
export interface NodeFacts {
  /** Nodes of the control plane. Workloads do not run there. */
  readonly servers: ReadonlySet<string>;
  /** Price per hour by node; absent if the fleet states no prices. */
  readonly prices?: Readonly<Record<string, number>>;
}

/** Nodes and prices of one revision of a cluster. */
export function factsOf({ nodes, prices }: RenderedState): NodeFacts {
  const servers = nodes.filter(({ metadata }) => CONTROL_PLANE in (metadata.labels ?? {}));
  return { servers: new Set(servers.map(({ metadata }) => metadata.name ?? "")), ...(prices && { prices }) };
}

/** What a group of nodes offers, and how the load is distributed over it. */
export interface NodeSummary {
  readonly requested: ResourceShares;
  readonly skew: ResourceShares;
  readonly cost?: HourlyCost;
}

const amount = (quantities: SimulatedNode["requested"], resource: string): number =>
  toNumber(parseQuantity(quantities?.[resource]) ?? 0n);

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** Sums of binary fractions differ in their last digits. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

/**
 * Returns the coefficient of variation: the standard deviation of the population divided by its mean. 0 if all values are
 * equal, or there are none.
 *
 * @see R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination for Resource Allocation in Shared
 *   Computer Systems. DEC Research Report TR-301, 1984. Its fairness index is 1 / (1 + square of this coefficient).
 */
export function coefficientOfVariation(values: readonly number[]): number {
  const mean = ratio(sum(values), values.length);
  const variance = ratio(sum(values.map((value) => (value - mean) ** 2)), values.length);
  return round(ratio(Math.sqrt(variance), mean));
}

function costOf(nodes: readonly SimulatedNode[], prices: Readonly<Record<string, number>>): HourlyCost {
  const known = nodes.flatMap(({ name }) => prices[name] ?? []);
  return { perHour: round(sum(known)), unknownNodes: nodes.length - known.length };
}

/** Summarizes a group of nodes: all of a cluster, or those in one region. */
export function summarizeNodes(nodes: readonly SimulatedNode[], { servers, prices }: NodeFacts): NodeSummary {
  const workers = nodes.filter(({ name }) => !servers.has(name));
  const each = (calculate: (resource: "cpu" | "memory") => number): ResourceShares => ({
    cpu: calculate("cpu"),
    memory: calculate("memory"),
  });
  const total = (key: "requested" | "allocatable", resource: string): number =>
    sum(nodes.map((node) => amount(node[key], resource)));
  return {
    requested: each((resource) => ratio(total("requested", resource), total("allocatable", resource))),
    skew: each((resource) =>
      coefficientOfVariation(
        workers.map(({ requested, allocatable }) => ratio(amount(requested, resource), amount(allocatable, resource))),
      ),
    ),
    ...(prices && { cost: costOf(nodes, prices) }),
  };
}
