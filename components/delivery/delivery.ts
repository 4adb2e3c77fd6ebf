import * as pulumi from "@pulumi/pulumi";

import { splitIntoStages } from "../../charts/delivery-order";
import type { ConnectedCluster } from "../clusters/connected-cluster";
import { separateDependencies } from "../dependencies";
import { KubernetesObject, type Manifest, objectName } from "./object";
import { reclaimBeforeRetry } from "./reclaim";

/** Arguments of {@link Delivery}. */
export interface DeliveryArgs {
  /** The target cluster. */
  readonly cluster: ConnectedCluster;
  /** Custom resource definitions. All are established before any other object is applied. */
  readonly definitions: readonly Manifest[];
  /** All other objects. Each must have `metadata.name`. */
  readonly objects: readonly Manifest[];
}

/**
 * Applies rendered objects to a cluster in stages: definitions, foundation, configuration, system, nodes, workloads. A
 * stage starts when all objects of the previous stage are ready, the first when the nodes of the cluster exist. Objects are
 * deleted in reverse order.
 *
 * The objects of a stage depend on one `Stash` instead of on every object of the previous stage, because Pulumi's state
 * lists all dependencies of each resource.
 */
export class Delivery extends pulumi.ComponentResource {
  /** @throws Error that names every object without `metadata.name` and every object that occurs twice */
  constructor(name: string, args: DeliveryArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { own, dependencies } = separateDependencies(opts);
    super("skerry:delivery:Delivery", name, {}, own);
    const { provider, lifetime, kubeconfig, nodePools } = args.cluster;
    const hooks = reclaimBeforeRetry(`${name}-reclaim`, kubeconfig);
    const stages = splitIntoStages([...args.definitions, ...args.objects]);
    args.cluster.expectObjects?.([...args.definitions, ...args.objects]);
    let { dependsOn } = pulumi.mergeOptions({ dependsOn: [...nodePools] }, dependencies);
    for (const [index, stage] of stages.entries()) {
      const delivered = stage.objects.map(
        (object) =>
          new KubernetesObject(`${name}:${objectName(object)}`, object, {
            parent: this,
            provider,
            ...(dependsOn && { dependsOn }),
            ...(lifetime && { deletedWith: lifetime }),
            hooks,
          }),
      );
      if (index === stages.length - 1) break;
      const barrier = `${stage.name} ready`;
      dependsOn = [new pulumi.Stash(`${name}:${barrier}`, { input: barrier }, { parent: this, dependsOn: delivered })];
    }
    this.registerOutputs({});
  }
}
