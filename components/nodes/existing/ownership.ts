import * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../../dynamic";

/** Arguments of {@link ClusterOwnership}. */
export interface ClusterOwnershipArgs {
  /** Name of the cluster in the fleet. */
  readonly cluster: string;
  /** Id of the owner. */
  readonly owner: pulumi.Input<string>;
  /** Secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Whether the cluster records this owner and this stack. */
  readonly isRecorded: pulumi.Input<boolean>;
}

/** Name of the stack that runs this program, as other stacks show it. */
export const ownStack = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;

/** Records in an existing cluster that this stack manages it. Deleting the resource deletes the record. */
export class ClusterOwnership extends DynamicResource {
  constructor(name: string, args: ClusterOwnershipArgs, opts: pulumi.CustomResourceOptions) {
    super(
      "existing:ClusterOwnership",
      "components/nodes/existing/ownership-operations",
      name,
      { ...args, kubeconfig: pulumi.secret(args.kubeconfig), stack: ownStack() },
      { ...opts, additionalSecretOutputs: ["kubeconfig"] },
    );
  }
}
