import * as pulumi from "@pulumi/pulumi";
import { renderFleet } from "skerry/charts";
import { BrokerCredentials, Cluster, Delivery, LabMachines, upgradeFleet, type UpgradeTarget } from "skerry/components";
import { parseFleet, throwProblems } from "skerry/fleet";

import charts from "./charts";
import { fleet as input } from "./fleet";
import policy from "./policy";

// 1. Parse the fleet. Every problem is reported at once, before anything is changed.
const fleet = parseFleet(input);

// 2. Choose a provider of machines: the embedded lab, or your own implementation of `MachineProvider`.
const machines = new LabMachines();
throwProblems(
  fleet.clusters.flatMap((cluster, index) =>
    machines.validate(cluster).map(({ path, message }) => ({ path: `clusters[${index}].${path}`, message })),
  ),
);

// 3. Render the Kubernetes objects of each cluster, including your charts and the admission policies that enforce the policy.
const enforced = { policy, environment: pulumi.getStack(), today: new Date().toISOString().slice(0, 10) };
const rendered = new Map(renderFleet(fleet, { policy: enforced, charts }).map((each) => [each.cluster, each]));

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};
const upgradeTargets = new Map<string, UpgradeTarget>();

for (const spec of fleet.clusters) {
  // 4. Create the machines: the cluster's servers, and the agents of its node pools.
  const cluster = new Cluster(spec.name, { cluster: spec, machines });

  // 5. Create the certificates of the MQTT brokers, as Secrets with the names that the objects refer to.
  const credentials = new BrokerCredentials(`${spec.name}-brokers`, { cluster: spec }, { parent: cluster });

  // 6. Apply the objects in stages, definitions first.
  const { definitions, objects, plans } = rendered.get(spec.name)!;
  const delivery = new Delivery(
    `${spec.name}-delivery`,
    { cluster, definitions, objects: [...objects, ...credentials.secrets] },
    { parent: cluster, dependsOn: [...cluster.nodePools] },
  );

  // 7. Export the administrator's kubeconfig, which `skerry status` reads.
  kubeconfigs[spec.name] = cluster.kubeconfig;
  upgradeTargets.set(spec.name, { cluster, plans, serverToken: cluster.serverToken, delivery });
}

// 8. Upgrade the clusters that run another version of K3s, canaries first. A fleet without upgrades has none.
upgradeFleet(fleet, upgradeTargets);
