import type { Operations } from "../../dynamic";

interface IdentityInputs {
  /** Name of the cluster in the fleet. */
  readonly cluster: string;
  /** UID of the namespace kube-system. Empty in a program that could not reach the cluster. */
  readonly uid: string;
}

/**
 * Keeps the identity of an existing cluster in the state. The check runs in previews too, and fails if the kubeconfig is that
 * of another cluster: Pulumi would otherwise look for the stack's objects there.
 */
export const operations: Operations<IdentityInputs, IdentityInputs> = {
  check: async (olds, news) => {
    const { uid: recorded = "" } = olds as Partial<IdentityInputs>;
    if (news.uid === "") {
      const reason = `cluster ${news.cluster} could not be reached; it must answer when it is first connected`;
      return { inputs: { ...news, uid: recorded }, failures: recorded === "" ? [{ property: "uid", reason }] : [] };
    }
    if (recorded === "" || recorded === news.uid) return { inputs: news };
    const reason =
      `the kubeconfig of cluster ${news.cluster} is for another cluster than that of the stack: its kube-system namespace has ` +
      `the UID ${news.uid}, the state has ${recorded}. Use the kubeconfig of the earlier cluster. To move to the new ` +
      `cluster, remove the old one from the fleet first, or add the new one under another name`;
    return { inputs: news, failures: [{ property: "uid", reason }] };
  },
  diff: async (_id, olds, news) => ({ changes: olds.uid !== news.uid || olds.cluster !== news.cluster }),
  create: async (inputs) => ({ id: inputs.uid, outs: inputs }),
  update: async (_id, _olds, news) => ({ outs: news }),
};
