import { record, spread, table } from "../record";

export const POLICIES = ["stock", "edge"] as const;

export type Policy = (typeof POLICIES)[number];
export type Demand = "no region" | "a region";

/** The result of one run. */
export interface Run {
  readonly policy: Policy;
  readonly demand: Demand;
  readonly nodes: number;
  readonly pods: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * Records the results for one number of nodes in its own section, because the largest takes hours.
 *
 * @param flags flags of the lab
 */
export async function report(
  [nodes, total]: readonly [number, number],
  runs: readonly Run[],
  rounds: number,
  flags: readonly string[],
): Promise<void> {
  const rows = (["no region", "a region"] as const).map((demand) => {
    const valuesOf = (policy: Policy, value: (run: Run) => number): number[] =>
      runs.filter((run) => run.nodes === nodes && run.demand === demand && run.policy === policy).map(value);
    const perSecond = (policy: Policy): number[] => valuesOf(policy, ({ pods, seconds }) => pods / seconds);
    const cost = (policy: Policy): number[] => valuesOf(policy, ({ pods, cpuSeconds }) => (1e3 * cpuSeconds) / pods);
    const ratio = (values: (policy: Policy) => number[]): string => {
      const stock = values("stock");
      const { median, min, max } = spread(values("edge").map((value, round) => value / stock[round]!));
      return rounds === 1 ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
    };
    return [
      demand,
      spread(perSecond("stock")).median.toFixed(0),
      spread(perSecond("edge")).median.toFixed(0),
      ratio(perSecond),
      spread(cost("stock")).median.toFixed(1),
      spread(cost("edge")).median.toFixed(1),
      ratio(cost),
    ];
  });
  await record(
    `Scheduling: end to end in the lab, ${nodes} nodes`,
    `npx tsx bench/scheduling/end-to-end.ts --rounds ${rounds} --sizes ${nodes}:${total}`,
    `${total} pods, from the first placement to the last: pods per second and the scheduler's CPU time per pod in ms, ` +
      `${rounds === 1 ? "one round" : `median of ${rounds} rounds`}; ratios of edge to stock in the same round` +
      `${rounds === 1 ? "" : " (minimum–maximum)"}. API server, etcd, the simulated nodes and the scheduler share the machine` +
      `${flags.length > 0 ? `; the lab runs with ${flags.join(" ")}` : ""}.\n\n` +
      table(["pods require", "stock", "edge", "edge ÷ stock", "stock ms", "edge ms", "edge ÷ stock"], rows),
  );
}
