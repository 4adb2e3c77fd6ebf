import { createClusterAuthority } from "../../fleet/k3s/authority";
import type { Operations } from "../dynamic";

interface AuthorityInputs {
  readonly cluster: string;
}

interface AuthorityOutputs extends AuthorityInputs {
  readonly files: Record<string, string>;
  readonly rootCertificate: string;
  readonly rootKey: string;
  readonly intermediateKey: string;
}

/** Creates the certificate authorities of a cluster once. */
export const operations: Operations<AuthorityInputs, AuthorityOutputs> = {
  diff: async (_id, olds, news) =>
    olds.cluster === news.cluster ? { changes: false } : { changes: true, replaces: ["cluster"] },

  create: async ({ cluster }) => ({ id: cluster, outs: { cluster, ...(await createClusterAuthority(cluster)) } }),
};
