import type { Fleet } from "../../fleet/model";
import { describeUnknown } from "../../fleet/problem";
import { buildRequest, type Simulate } from "../../preview/preview";
import type { RenderedState, Rendering } from "../../preview/rendering";
import type { SimulationReport, SimulationRequest } from "../../preview/simulator/protocol";
import type { Snapshot } from "../../preview/snapshot";
import { ConsoleProgress } from "../progress";
import { findSnapshot } from "../snapshot/take-snapshot";
import type { StackOptions } from "./options";
import { renderStack } from "./render-project";
import { findSimulator, follow } from "./simulation";

/** Questions about the state that a simulation ends in. */
type Questions = Pick<SimulationRequest["options"], "explain" | "fit">;

/** The fleet of a stack, ready to be asked about. */
export interface SimulatedStack {
  readonly fleet: Fleet;
  readonly clusters: readonly RenderedState[];
  readonly snapshot?: Snapshot;
  /** Renders a changed fleet. */
  readonly render: (fleet: Fleet) => Rendering;
  /**
   * Simulates a cluster.
   *
   * @param change the state that the cluster changes to. @default its rendering
   */
  readonly simulate: (
    cluster: RenderedState,
    questions: Questions,
    change?: RenderedState,
  ) => Promise<SimulationReport>;
}

/**
 * Renders the fleet of a stack, and reads the snapshot that its clusters start from.
 *
 * @throws Error if the fleet cannot be rendered, or has no cluster of the name in the options
 */
export async function openSimulatedStack(options: StackOptions): Promise<SimulatedStack> {
  const progress = new ConsoleProgress(process.stderr);
  const run: Simulate = await findSimulator(progress);
  const { fleet, render } = await follow(progress, "fleet", "rendering", renderStack(options.stack));
  const { clusters } = render(fleet);
  const snapshot = await findSnapshot(options);
  const names = clusters.map(({ name }) => name);
  if (options.cluster !== undefined && !names.includes(options.cluster))
    throw new Error(`--cluster: ${describeUnknown("cluster", options.cluster, names)}`);
  return {
    fleet,
    clusters: clusters.filter(({ name }) => options.cluster === undefined || name === options.cluster),
    ...(snapshot && { snapshot }),
    render,
    simulate: (cluster, questions, change = cluster) => {
      const { seed } = options;
      // Without a snapshot or a change, nothing runs before.
      const before = snapshot || change !== cluster ? cluster : undefined;
      const request = buildRequest(cluster.name, before, change, { seed, ...(snapshot && { snapshot }) });
      return run({ ...request, options: { ...request.options, ...questions } });
    },
  };
}
