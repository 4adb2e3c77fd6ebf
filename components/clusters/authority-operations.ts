import { createClusterAuthority } from "../../fleet/k3s/authority";
import { randomPassword, secureToken } from "../../fleet/k3s/token";
import type { Operations } from "../dynamic";

interface AuthorityInputs {
  readonly cluster: string;
}

interface AuthorityOutputs extends AuthorityInputs {
  readonly files: Record<string, string>;
  readonly serverToken: string;
  readonly agentToken: string;
  readonly serverCertificateAuthority: string;
}

/** Creates the certificate authorities and tokens of a cluster once. */
export const operations: Operations<AuthorityInputs, AuthorityOutputs> = {
  diff: async (_id, olds, news) =>
    olds.cluster === news.cluster ? { changes: false } : { changes: true, replaces: ["cluster"] },

  create: async ({ cluster }) => {
    const authority = await createClusterAuthority(cluster);
    const outs = {
      cluster,
      files: authority.files,
      serverToken: secureToken(authority.rootCertificate, "server", randomPassword()),
      agentToken: secureToken(authority.rootCertificate, "node", randomPassword()),
      serverCertificateAuthority: authority.rootCertificate,
    };
    return { id: cluster, outs };
  },
};
