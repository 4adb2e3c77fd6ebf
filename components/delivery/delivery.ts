import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { KubernetesObject, type Manifest, objectName } from "./object";
import { stages } from "./stages";

/** What is delivered, and through which provider. */
export interface DeliveryArgs {
  readonly provider: kubernetes.Provider;
  /** Custom resource definitions; all are established before any other object is sent. */
  readonly definitions: readonly Manifest[];
  readonly objects: readonly Manifest[];
  /** What the cluster dies with: its objects need no deletion of their own then. */
  readonly deletedWith: pulumi.Resource;
}

/**
 * Puts rendered objects into a cluster: definitions first, then stage after stage, each waiting until all of the
 * stage before is ready.
 */
export class Delivery extends pulumi.ComponentResource {
  constructor(name: string, args: DeliveryArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:delivery:Delivery", name, {}, opts);
    let before: pulumi.Resource[] = [];
    for (const { objects } of stages(args.definitions, args.objects)) {
      before = objects.map(
        (object) =>
          new KubernetesObject(`${name}:${objectName(object)}`, object, {
            parent: this,
            provider: args.provider,
            dependsOn: before,
            deletedWith: args.deletedWith,
          }),
      );
    }
    this.registerOutputs({});
  }
}
