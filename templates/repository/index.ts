import * as pulumi from "@pulumi/pulumi";
import { renderFleet } from "skerry/charts";
import { BrokerCredentials, Cluster, Delivery, LabMachines } from "skerry/components";
import { parseFleet, throwProblems } from "skerry/fleet";

import { fleet as stated } from "./fleet";
import policy from "./policy";

// 1. Parse once: every problem at once, before anything is touched.
const fleet = parseFleet(stated);

// 2. Where machines come from: the embedded lab. A cloud, or devices in the field, implement `MachineProvider` too.
const machines = new LabMachines();
throwProblems(
  fleet.clusters.flatMap((cluster, index) =>
    machines.validate(cluster).map(({ path, message }) => ({ path: `clusters[${index}].${path}`, message })),
  ),
);

// 3. What runs in each cluster, rendered to plain Kubernetes objects; the policy too, as far as an API server can hold to it.
const held = { policy, environment: pulumi.getStack(), today: new Date().toISOString().slice(0, 10) };
const rendered = new Map(renderFleet(fleet, { policy: held }).map((each) => [each.cluster, each]));

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};

for (const stated of fleet.clusters) {
  // 4. Machines: the cluster's servers, and the agents of its node pools.
  const cluster = new Cluster(stated.name, { cluster: stated, machines });

  // 5. The certificates of its MQTT brokers, if it has any: Secrets under names that the rendered objects know.
  const credentials = new BrokerCredentials(`${stated.name}-brokers`, { cluster: stated }, { parent: cluster });

  // 6. Delivery: definitions first, then stage after stage.
  const { definitions, objects } = rendered.get(stated.name)!;
  new Delivery(
    `${stated.name}-delivery`,
    { cluster, definitions, objects: [...objects, ...credentials.secrets] },
    { parent: cluster, dependsOn: [...cluster.nodePools] },
  );

  // 7. The administrator's way in; `skerry status` reads it.
  kubeconfigs[stated.name] = cluster.kubeconfig;
}
