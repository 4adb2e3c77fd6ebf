import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic";

/** Arguments of {@link ServerMembership}. */
export interface ServerMembershipArgs {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Name of the server's Node. */
  readonly node: string;
  /** The server's machine, whose id identifies it. */
  readonly machine: pulumi.CustomResource;
  /** Kubeconfig of an administrator. Secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Time limit for the eviction of the server's pods, in seconds. @default 300 */
  readonly drainTimeoutSeconds?: number;
}

/**
 * The membership of a server in its cluster.
 *
 * Its creation waits until the server's Node is Ready, its etcd member votes, and all servers report one cluster. Its deletion
 * checks that the other servers work, drains the server, and removes its etcd member and its Node; only then Pulumi deletes the
 * machine. A machine that is replaced replaces its membership. If the next server depends on this membership, servers are
 * replaced one at a time.
 *
 * If the other servers do not work, or a PodDisruptionBudget prevents the drain, the deletion fails and the server keeps
 * working.
 */
export class ServerMembership extends DynamicResource {
  /** UID of namespace kube-system, which is the same for all servers of the cluster. */
  declare readonly clusterUid: pulumi.Output<string>;

  constructor(name: string, args: ServerMembershipArgs, opts: pulumi.CustomResourceOptions) {
    const { cluster, node, machine, kubeconfig, drainTimeoutSeconds = 300 } = args;
    super(
      "clusters:ServerMembership",
      "components/clusters/server-membership-operations",
      name,
      {
        cluster,
        node,
        machine: machine.id,
        kubeconfig,
        drainTimeoutSeconds,
        nodeUid: undefined,
        clusterUid: undefined,
      },
      { ...opts, additionalSecretOutputs: ["kubeconfig"] },
    );
  }
}
