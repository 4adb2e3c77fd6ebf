import type { AwsMachinesArgs } from "../components/nodes/aws/arguments";
import { LabMachines } from "../components/nodes/lab/machines";
import type { MachineProvider } from "../components/nodes/machines";
import { readAwsConfig } from "./aws-config";
import { local } from "./local";
import { production, productionPools, productionSites } from "./production";
import { staging, stagingSites } from "./staging";

/** The inputs of a stack. */
export interface Environment {
  /** The fleet, which `stacks/index.ts` parses. */
  readonly fleet: unknown;
  /** Creates the provider of the machines. */
  readonly machines: () => MachineProvider;
}

/** Creates the provider of AWS machines with the configuration of the stack. */
function awsMachines(args: Pick<AwsMachinesArgs, "fleet" | "environment" | "sites" | "pools">): MachineProvider {
  // Only stacks in AWS load its library, which takes a second.
  const { AwsMachines } =
    require("../components/nodes/aws/machines") as typeof import("../components/nodes/aws/machines");
  return new AwsMachines({ ...args, ...readAwsConfig() });
}

/** Environments by stack name. Add yours here, with its fleet in a separate file. */
export const environments: Readonly<Record<string, Environment>> = {
  local: { fleet: local, machines: () => new LabMachines() },
  staging: {
    fleet: staging,
    machines: () => awsMachines({ fleet: staging.name, environment: "staging", sites: stagingSites }),
  },
  production: {
    fleet: production,
    machines: () =>
      awsMachines({
        fleet: production.name,
        environment: "production",
        sites: productionSites,
        pools: productionPools,
      }),
  },
};
