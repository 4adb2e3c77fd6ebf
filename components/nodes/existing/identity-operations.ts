import { randomUUID } from "node:crypto";

import type { Operations } from "../../dynamic";
import { type ClusterOwner, describeOwner } from "./cluster-owner";

interface Identity {
  /** Name of the cluster in the fleet. */
  readonly cluster: string;
  /** UID of the namespace kube-system. Empty in a program that could not reach the cluster. */
  readonly uid: string;
  /** Identifies the stack as the owner of the cluster. The first check chooses it. */
  readonly owner?: string;
  /** The owner that the cluster records, in a program. @default - none */
  readonly recorded?: ClusterOwner | undefined;
}

/**
 * Keeps the identity of an existing cluster in the state. The check runs in previews too. It fails if the kubeconfig is that of
 * another cluster, where Pulumi would otherwise look for the stack's objects, and if another stack manages the cluster.
 */
export const operations: Operations<Identity, Identity> = {
  check: async (olds, { cluster, uid: found, recorded }) => {
    const { uid: known = "", owner = randomUUID() } = olds as Partial<Identity>;
    const failures: { property: string; reason: string }[] = [];
    if (found === "" && known === "") {
      const reason = `cluster ${cluster} could not be reached; it must answer when it is first connected`;
      failures.push({ property: "uid", reason });
    } else if (found !== "" && known !== "" && found !== known) {
      const reason =
        `the kubeconfig of cluster ${cluster} is for another cluster than that of the stack: its kube-system namespace has ` +
        `the UID ${found}, the state has ${known}. Use the kubeconfig of the earlier cluster. To move to the new ` +
        `cluster, remove the old one from the fleet first, or add the new one under another name`;
      failures.push({ property: "uid", reason });
    } else if (recorded && recorded.id !== owner) {
      failures.push({ property: "owner", reason: describeOwner(cluster, recorded) });
    }
    return { inputs: { cluster, uid: found || known, owner }, failures };
  },
  diff: async (_id, olds, news) => ({
    changes: (["cluster", "uid", "owner"] as const).some((key) => olds[key] !== news[key]),
  }),
  create: async (inputs) => ({ id: inputs.uid, outs: inputs }),
  update: async (_id, _olds, news) => ({ outs: news }),
};
