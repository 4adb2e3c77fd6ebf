import { LabMachines } from "../components/nodes/lab/machines";
import type { MachineProvider } from "../components/nodes/machines";
import { local } from "./local";

/** The inputs of a stack. */
export interface Environment {
  /** The fleet, which `stacks/index.ts` parses. */
  readonly fleet: unknown;
  /** Creates the provider of the machines. */
  readonly machines: () => MachineProvider;
}

/** Environments by stack name. Add yours here, with its fleet in a separate file. */
export const environments: Readonly<Record<string, Environment>> = {
  local: { fleet: local, machines: () => new LabMachines() },
};
