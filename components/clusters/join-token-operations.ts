import type { CoreV1Api } from "@kubernetes/client-node";

import { BOOTSTRAP_NAMESPACE, bootstrapSecret, bootstrapSecretName } from "../../fleet/k3s/bootstrap-secret";
import { randomBootstrapToken, secureToken } from "../../fleet/k3s/token";
import type { Operations } from "../dynamic";

const HOUR_MS = 3_600_000;

export interface JoinTokenInputs {
  readonly cluster: string;
  readonly pool: string;
  readonly authority: string;
  readonly kubeconfig: string;
  readonly hours: number;
  readonly issue: number;
  readonly count: number;
}

export interface JoinTokenOutputs extends JoinTokenInputs {
  readonly token: string;
  readonly tokenId: string;
  readonly expires: string;
}

/** The API requests that a token needs. */
export type SecretApi = Pick<CoreV1Api, "createNamespacedSecret" | "deleteNamespacedSecret" | "readNamespacedSecret">;

/** Changes that need a new token. */
const REISSUING_INPUTS = ["authority", "hours", "issue", "count"] as const;

const isReissued = (olds: JoinTokenInputs, news: JoinTokenInputs): boolean =>
  REISSUING_INPUTS.some((key) => olds[key] !== news[key]);

async function connect(kubeconfig: string): Promise<SecretApi> {
  const { CoreV1Api: Core, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config.makeApiClient(Core);
}

async function issueToken(api: SecretApi, inputs: JoinTokenInputs): Promise<JoinTokenOutputs> {
  const { cluster, pool, authority, kubeconfig, hours, issue, count } = inputs;
  const credentials = randomBootstrapToken();
  const expires = new Date(Date.now() + hours * HOUR_MS);
  const description = `agents of pool ${pool}`;
  await api.createNamespacedSecret({
    namespace: BOOTSTRAP_NAMESPACE,
    body: bootstrapSecret(credentials, { expires, description }),
  });
  return {
    ...{ cluster, pool, authority, kubeconfig, hours, issue, count },
    token: secureToken(authority, credentials),
    tokenId: credentials.id,
    expires: expires.toISOString(),
  };
}

/** Revokes a token. K3s may have deleted it already, because it has expired. */
async function revoke(api: SecretApi, tokenId: string): Promise<void> {
  try {
    await api.deleteNamespacedSecret({ namespace: BOOTSTRAP_NAMESPACE, name: bootstrapSecretName(tokenId) });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 404) throw error;
  }
}

/** @param open connects to the cluster of a kubeconfig */
export const joinTokenOperations = (
  open: (kubeconfig: string) => Promise<SecretApi>,
): Operations<JoinTokenInputs, JoinTokenOutputs> => ({
  diff: async (_id, olds, news) => {
    const replaces = (["cluster", "pool"] as const).filter((key) => olds[key] !== news[key]);
    const changes = replaces.length > 0 || isReissued(olds, news) || olds.kubeconfig !== news.kubeconfig;
    return { changes, replaces };
  },

  create: async (inputs) => ({
    id: `${inputs.cluster}/${inputs.pool}`,
    outs: await issueToken(await open(inputs.kubeconfig), inputs),
  }),

  // K3s deletes expired tokens, which is no reason for a new one. A restored cluster may lack one that is valid.
  read: async (id, props) => {
    const outputs = props as JoinTokenOutputs;
    const isExpired = outputs.hours > 0 && Date.parse(outputs.expires) < Date.now();
    if (isExpired) return { id, props: outputs };
    try {
      const api = await open(outputs.kubeconfig);
      await api.readNamespacedSecret({ namespace: BOOTSTRAP_NAMESPACE, name: bootstrapSecretName(outputs.tokenId) });
      return { id, props: outputs };
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return {};
      throw error;
    }
  },

  update: async (_id, olds, news) => {
    const { token, tokenId, expires } = olds;
    const { cluster, pool, authority, kubeconfig, hours, issue, count } = news;
    if (!isReissued(olds, news)) {
      return { outs: { cluster, pool, authority, kubeconfig, hours, issue, count, token, tokenId, expires } };
    }
    const api = await open(kubeconfig);
    const outs = await issueToken(api, news);
    await revoke(api, tokenId);
    return { outs };
  },

  delete: async (_id, { kubeconfig, tokenId }) => revoke(await open(kubeconfig), tokenId),
});

/** Creates, renews and revokes the bootstrap token of a pool. */
export const operations = joinTokenOperations(connect);
