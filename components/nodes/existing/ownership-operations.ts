import type { Operations } from "../../dynamic";
import { loadKubeconfig } from "../../clusters/kubeconfig";
import { forgetOwner, type OwnerApi, recordOwner } from "./cluster-owner";

export interface OwnershipInputs {
  /** Name of the cluster in the fleet. */
  readonly cluster: string;
  /** Id of the owner. */
  readonly owner: string;
  /** Name of the stack. */
  readonly stack: string;
  /** Secret. */
  readonly kubeconfig: string;
  /** Whether the cluster was found to record this owner and this stack. */
  readonly isRecorded: boolean;
}

async function connect(kubeconfig: string): Promise<OwnerApi> {
  const { CoreV1Api } = await import("@kubernetes/client-node");
  return (await loadKubeconfig(kubeconfig)).makeApiClient(CoreV1Api);
}

const record = async ({ cluster, owner, stack, kubeconfig }: OwnershipInputs): Promise<void> =>
  recordOwner(await connect(kubeconfig), cluster, { id: owner, stack });

/** Keeps the record of a cluster's owner true. */
export const operations: Operations<OwnershipInputs, OwnershipInputs> = {
  diff: async (_id, olds, news) => ({
    changes:
      !news.isRecorded || (["cluster", "owner", "stack", "kubeconfig"] as const).some((key) => olds[key] !== news[key]),
  }),
  create: async (inputs) => {
    await record(inputs);
    return { id: inputs.owner, outs: { ...inputs, isRecorded: true } };
  },
  update: async (_id, _olds, news) => {
    await record(news);
    return { outs: { ...news, isRecorded: true } };
  },
  delete: async (_id, { owner: id, stack, kubeconfig }) => forgetOwner(await connect(kubeconfig), { id, stack }),
};
