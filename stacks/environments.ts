import { LabMachines } from "../components/nodes/lab/machines";
import type { MachineProvider } from "../components/nodes/machines";
import { local } from "./local";

/** What a stack stands for. */
export interface Environment {
  /** Not yet parsed: `stacks/index.ts` does that, once. */
  readonly fleet: unknown;
  /** Where the machines come from. */
  readonly machines: () => MachineProvider;
}

/** By the name of the stack. An environment is added here, with its fleet in a file of its own. */
export const environments: Readonly<Record<string, Environment>> = {
  local: { fleet: local, machines: () => new LabMachines() },
};
