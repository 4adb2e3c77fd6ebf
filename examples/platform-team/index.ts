import type * as pulumi from "@pulumi/pulumi";
import { LabMachines } from "skerry/components";
import { parseFleet } from "skerry/fleet";

import { Site } from "./components/site";
import { fleet as stated } from "./fleet";
import { inspection } from "./inspection";

const fleet = parseFleet(stated);

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};

for (const { name: cluster } of fleet.clusters) {
  const extra = inspection(fleet, cluster);
  const site = new Site(`${cluster}-site`, { fleet, cluster, machines: new LabMachines(), team: "quay", extra });
  kubeconfigs[cluster] = site.kubeconfig;
}
