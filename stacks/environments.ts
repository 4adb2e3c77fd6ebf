import type { ClusterSource } from "../components/fleet";
import { LabMachines } from "../components/nodes/lab/machines";
import type { FleetInput } from "../fleet/reading/schema";
import { local } from "./local";

/** What the stacks of an environment deploy. */
export interface Environment {
  readonly fleet: FleetInput;
  /** Returns where the clusters come from. Called for the environment of the stack only. */
  readonly machines: () => ClusterSource;
}

/** Environments by name. Add yours here, with its fleet in a separate file. */
export const environments: Readonly<Record<string, Environment>> = {
  local: { fleet: local, machines: () => new LabMachines() },
};
