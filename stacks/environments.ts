import { LabMachines } from "../components/nodes/lab/machines";
import type { MachineProvider } from "../components/nodes/machines";
import { local } from "./local";

/** The fleet of a stack and the provider of its machines. */
export interface Environment {
  /** The fleet as written. `stacks/index.ts` parses it. */
  readonly fleet: unknown;
  /** Creates the machine provider. */
  readonly machines: () => MachineProvider;
}

/** Environments by stack name. To add an environment, write its fleet in a new file and list it here. */
export const environments: Readonly<Record<string, Environment>> = {
  local: { fleet: local, machines: () => new LabMachines() },
};
