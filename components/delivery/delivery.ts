import * as pulumi from "@pulumi/pulumi";

import { splitIntoStages } from "../../charts/delivery-order";
import type { Cluster } from "../clusters/cluster";
import { KubernetesObject, type Manifest, objectName } from "./object";
import { reclaimBeforeRetry } from "./reclaim";

/** What is delivered, and to which cluster. */
export interface DeliveryArgs {
  /** The cluster that the objects go to. Destroying its servers destroys them: none is deleted one by one then. */
  readonly cluster: Pick<Cluster, "kubeconfig" | "provider" | "servers">;
  /** Custom resource definitions; all are established before any other object is sent. */
  readonly definitions: readonly Manifest[];
  readonly objects: readonly Manifest[];
}

/**
 * Delivers rendered objects to a cluster: definitions first, then stage after stage, each waiting until all objects of
 * the stage before are ready. A `Stash` between two stages is what the next stage depends on, so that the state holds
 * one dependency for each object instead of the whole previous stage.
 */
export class Delivery extends pulumi.ComponentResource {
  constructor(name: string, args: DeliveryArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:delivery:Delivery", name, {}, opts);
    const { provider, servers, kubeconfig } = args.cluster;
    const hooks = reclaimBeforeRetry(`${name}-reclaim`, kubeconfig);
    const stages = splitIntoStages([...args.definitions, ...args.objects]);
    let before: pulumi.Resource[] = [];
    for (const [index, stage] of stages.entries()) {
      const delivered = stage.objects.map(
        (object) =>
          new KubernetesObject(`${name}:${objectName(object)}`, object, {
            parent: this,
            provider,
            dependsOn: before,
            deletedWith: servers,
            hooks,
          }),
      );
      if (index === stages.length - 1) break;
      const barrier = `${stage.name} ready`;
      before = [new pulumi.Stash(`${name}:${barrier}`, { input: barrier }, { parent: this, dependsOn: delivered })];
    }
    this.registerOutputs({});
  }
}
