import * as pulumi from "@pulumi/pulumi";

import { renderFleet } from "../charts/render";
import { Cluster } from "../components/clusters/cluster";
import { Delivery } from "../components/delivery/delivery";
import { BrokerCredentials } from "../components/mqtt/broker-credentials";
import { parseFleet, throwProblems } from "../fleet/reading/parse";
import { environments } from "./environments";
import { policy } from "./policy";

// 1. The environment that this stack stands for: a fleet, and where its machines come from.
const environment = environments[pulumi.getStack()];
if (!environment) {
  throw new Error(`no environment for stack "${pulumi.getStack()}": known are ${Object.keys(environments).join(", ")}`);
}

// 2. Parse once: every problem at once, before anything is touched.
const fleet = parseFleet(environment.fleet);
const machines = environment.machines();
throwProblems(
  fleet.clusters.flatMap((cluster, index) =>
    machines.validate(cluster).map(({ path, message }) => ({ path: `clusters[${index}].${path}`, message })),
  ),
);

// 3. What runs in each cluster, rendered to plain Kubernetes objects: no cloud, no state, nothing touched yet. The policy is
//    among them, as far as an API server can hold to it.
const held = { policy, environment: pulumi.getStack(), today: new Date().toISOString().slice(0, 10) };
const rendered = new Map(renderFleet(fleet, { policy: held }).map((each) => [each.cluster, each]));

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};

for (const stated of fleet.clusters) {
  // 4. Machines: the cluster's servers, and the agents of its node pools, which join by server and token.
  const cluster = new Cluster(stated.name, { cluster: stated, machines });

  // 5. The credentials that must not be rendered: they reach the cluster as Secrets under names that the charts know.
  const credentials = new BrokerCredentials(`${stated.name}-brokers`, { cluster: stated }, { parent: cluster });

  // 6. Delivery: definitions first, then the rest in order, each stage waiting until the one before is ready.
  const { definitions, objects } = rendered.get(stated.name)!;
  new Delivery(
    `${stated.name}-delivery`,
    { cluster, definitions, objects: [...objects, ...credentials.secrets] },
    { parent: cluster, dependsOn: [...cluster.nodePools] },
  );

  // 7. The administrator's way in; a secret.
  kubeconfigs[stated.name] = cluster.kubeconfig;
}
