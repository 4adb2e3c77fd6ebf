import { FleetDeployment, LabMachines, readStackSettings } from "skerry/components";

import charts from "./charts";
import { fleet } from "./fleet";
import policy from "./policy";

// Clusters come from a provider of machines: the embedded lab, or your own implementation of `MachineProvider`.
const machines = new LabMachines();

export const { kubeconfigs } = new FleetDeployment("fleet", {
  fleet,
  machines,
  policy,
  charts,
  ...readStackSettings(),
});
