import type { Simulate } from "../../preview/preview";
import { Simulator } from "../../preview/simulator/simulator";
import type { Progress } from "../progress";
import { tool } from "../tools/catalogue";
import { resolveTools } from "../tools/resolve";

/** Finds or builds the placement simulator. */
export async function findSimulator(progress: Progress): Promise<Simulate> {
  const [program] = await resolveTools([tool("placement-simulator")], progress);
  const simulator = new Simulator(program!.path);
  return (request) => simulator.simulate(request);
}

/** Shows some work as a step of the progress. */
export async function follow<T>(progress: Progress, name: string, text: string, work: Promise<T>): Promise<T> {
  const step = progress.start(name, text);
  try {
    const result = await work;
    step.done("done");
    return result;
  } catch (error) {
    step.failed("failed");
    throw error;
  }
}
