import type { TokenCredentials } from "./token";

/** Namespace of bootstrap tokens. */
export const BOOTSTRAP_NAMESPACE = "kube-system";

/** Type of the Secret of a bootstrap token. */
export const BOOTSTRAP_TYPE = "bootstrap.kubernetes.io/token";

/** Group of the agents that join K3s with a bootstrap token. */
const AGENT_GROUP = "system:bootstrappers:k3s:default-node-token";

/** A Secret with a bootstrap token. */
export interface BootstrapSecret {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };
  readonly type: typeof BOOTSTRAP_TYPE;
  /** Secret. */
  readonly stringData: Record<string, string>;
}

/** Returns the name of the Secret of a bootstrap token. */
export const bootstrapSecretName = (id: string): string => `bootstrap-token-${id}`;

/** Formats a time as Kubernetes expects it in a bootstrap token: RFC 3339 without fractions of a second. */
const formatTime = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, "Z");

/**
 * Returns the Secret of a bootstrap token, as `k3s token create` writes it. Secret.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#bootstrap-token-secret-format
 */
export function bootstrapSecret(
  { id, secret }: Extract<TokenCredentials, { kind: "bootstrap" }>,
  { expires, description }: { readonly expires: Date; readonly description: string },
): BootstrapSecret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: bootstrapSecretName(id),
      namespace: BOOTSTRAP_NAMESPACE,
      labels: { "app.kubernetes.io/managed-by": "skerry" },
    },
    type: BOOTSTRAP_TYPE,
    stringData: {
      "token-id": id,
      "token-secret": secret,
      expiration: formatTime(expires),
      description,
      "usage-bootstrap-authentication": "true",
      "usage-bootstrap-signing": "true",
      "auth-extra-groups": AGENT_GROUP,
    },
  };
}
