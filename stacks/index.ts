import * as pulumi from "@pulumi/pulumi";

import { renderFleet } from "../charts/render";
import { Cluster } from "../components/clusters/cluster";
import { Delivery } from "../components/delivery/delivery";
import { BrokerCredentials } from "../components/mqtt/broker-credentials";
import { describeUnknown } from "../fleet/problem";
import { parseFleet, throwProblems } from "../fleet/reading/parse";
import { environments } from "./environments";
import { policy } from "./policy";

// 1. Select the environment of this stack: a fleet and a machine provider.
const environment = environments[pulumi.getStack()];
if (!environment) {
  throw new Error(describeUnknown("stack", pulumi.getStack(), Object.keys(environments)));
}

// 2. Parse the fleet. Every problem is reported at once, before anything is changed.
const fleet = parseFleet(environment.fleet);
const machines = environment.machines();
throwProblems(
  fleet.clusters.flatMap((cluster, index) =>
    machines.validate(cluster).map(({ path, message }) => ({ path: `clusters[${index}].${path}`, message })),
  ),
);

// 3. Render the Kubernetes objects of each cluster, including the admission policies that enforce the policy.
const enforced = { policy, environment: pulumi.getStack(), today: new Date().toISOString().slice(0, 10) };
const rendered = new Map(renderFleet(fleet, { policy: enforced }).map((each) => [each.cluster, each]));

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};

for (const spec of fleet.clusters) {
  // 4. Create the machines: the cluster's servers, and the agents of its node pools, which join with a token.
  const cluster = new Cluster(spec.name, { cluster: spec, machines });

  // 5. Create the credentials of the brokers, as Secrets with the names that the charts refer to.
  const credentials = new BrokerCredentials(`${spec.name}-brokers`, { cluster: spec }, { parent: cluster });

  // 6. Apply the objects in stages, definitions first. Each stage waits until the previous one is ready.
  const { definitions, objects } = rendered.get(spec.name)!;
  new Delivery(
    `${spec.name}-delivery`,
    { cluster, definitions, objects: [...objects, ...credentials.secrets] },
    { parent: cluster, dependsOn: [...cluster.nodePools] },
  );

  // 7. Export the administrator's kubeconfig, a secret.
  kubeconfigs[spec.name] = cluster.kubeconfig;
}
