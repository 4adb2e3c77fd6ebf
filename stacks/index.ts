import * as pulumi from "@pulumi/pulumi";

import { renderFleet } from "../charts/render";
import { Cluster } from "../components/clusters/cluster";
import { Delivery } from "../components/delivery/delivery";
import { LabMachines } from "../components/nodes/lab/machines";
import { BrokerCredentials } from "../components/mqtt/broker-credentials";
import { parseFleet } from "../fleet/parse";
import { environments } from "./environments";

// 1. The environment that this stack stands for: a fleet, and where its machines come from.
const environment = environments[pulumi.getStack()];
if (!environment) {
  throw new Error(`no environment for stack "${pulumi.getStack()}": known are ${Object.keys(environments).join(", ")}`);
}

// 2. Parse once: every problem at once, before anything is touched.
const fleet = parseFleet(environment.fleet);

// 3. Machines: each cluster's servers, and the agents of its node pools, which join by server and token.
const clusters = new Map(
  fleet.clusters.map((cluster) => [
    cluster.name,
    new Cluster(cluster.name, { cluster, machines: environment.machines() }),
  ]),
);

// 4. What runs on them, rendered to plain Kubernetes objects, and delivered with the credentials that must not be
//    rendered: definitions first, then the rest in order, each stage waiting until the one before is ready.
for (const { cluster: name, definitions, objects } of renderFleet(fleet)) {
  const cluster = clusters.get(name)!;
  const credentials = new BrokerCredentials(`${name}-brokers`, { cluster: cluster.stated }, { parent: cluster });
  new Delivery(
    `${name}-delivery`,
    {
      provider: cluster.provider,
      definitions,
      objects: [...objects, ...credentials.secrets],
      deletedWith: cluster.servers,
    },
    { parent: cluster, dependsOn: [...cluster.nodePools] },
  );
}

/** Administrator's kubeconfig of each cluster, by its name. Secret. */
export const kubeconfigs = pulumi.secret(
  pulumi.all(Object.fromEntries([...clusters].map(([name, { kubeconfig }]) => [name, kubeconfig]))),
);
