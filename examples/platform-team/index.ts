import * as pulumi from "@pulumi/pulumi";
import { LabMachines } from "skerry/components";
import { parseFleet } from "skerry/fleet";

import charts from "./charts";
import { Site } from "./components/site";
import { fleet as input } from "./fleet";
import policy from "./policy";

const fleet = parseFleet(input);
const enforced = { policy, environment: pulumi.getStack(), today: new Date().toISOString().slice(0, 10) };

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};

for (const { name: cluster } of fleet.clusters) {
  const site = new Site(`${cluster}-site`, {
    fleet,
    cluster,
    machines: new LabMachines(),
    team: "quay",
    policy: enforced,
    charts,
  });
  kubeconfigs[cluster] = site.kubeconfig;
}
