import * as pulumi from "@pulumi/pulumi";

import { renderFleet } from "../charts/render";
import { Cluster } from "../components/clusters/cluster";
import { type UpgradeTarget, upgradeFleet } from "../components/clusters/cluster-upgrade";
import { Delivery } from "../components/delivery/delivery";
import { BrokerCredentials } from "../components/mqtt/broker-credentials";
import { parseFleet, throwProblems } from "../fleet/reading/parse";
import { environments } from "./environments";
import { policy } from "./policy";

// 1. Look up the environment of this stack: its fleet and its machine provider.
const environment = environments[pulumi.getStack()];
if (!environment) {
  throw new Error(`unknown stack "${pulumi.getStack()}": must be one of: ${Object.keys(environments).join(", ")}`);
}

// 2. Parse the fleet once, and report all its problems before anything changes.
const fleet = parseFleet(environment.fleet);
const machines = environment.machines();
throwProblems(
  fleet.clusters.flatMap((cluster, index) =>
    machines.validate(cluster).map(({ path, message }) => ({ path: `clusters[${index}].${path}`, message })),
  ),
);

// 3. Render the Kubernetes objects of each cluster, including the rules of the policy that an API server can enforce.
const enforced = { policy, environment: pulumi.getStack(), today: new Date().toISOString().slice(0, 10) };
const rendered = new Map(renderFleet(fleet, { policy: enforced }).map((cluster) => [cluster.cluster, cluster]));

export const kubeconfigs: Record<string, pulumi.Output<string>> = {};
const upgradeTargets = new Map<string, UpgradeTarget>();

for (const spec of fleet.clusters) {
  // 4. Create the machines: the servers of the cluster, and the agents of its node pools, which join it.
  const cluster = new Cluster(spec.name, { cluster: spec, machines });

  // 5. Issue the credentials of the brokers as Secrets, under the names that the charts refer to.
  const credentials = new BrokerCredentials(`${spec.name}-brokers`, { cluster: spec }, { parent: cluster });

  // 6. Apply the objects in stages. Each stage waits until the previous one is ready.
  const { definitions, objects, plans } = rendered.get(spec.name)!;
  const delivery = new Delivery(
    `${spec.name}-delivery`,
    { cluster, definitions, objects: [...objects, ...credentials.secrets] },
    { parent: cluster, dependsOn: [...cluster.nodePools] },
  );

  // 7. Export the kubeconfig of the administrator, which is a secret.
  kubeconfigs[spec.name] = cluster.kubeconfig;
  upgradeTargets.set(spec.name, { cluster, plans, serverToken: cluster.serverToken, delivery });
}

// 8. Upgrade the clusters that run another version of K3s, canaries first. A fleet without upgrades has none.
upgradeFleet(fleet, upgradeTargets);
