import { stringify } from "yaml";

export interface KubeconfigArgs {
  /** Name of the cluster, and of its user and context. */
  readonly cluster: string;
  /** URL of the Kubernetes API. */
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. Secret. */
  readonly key: string;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Renders a kubeconfig with embedded certificates. Secret. */
export function kubeconfigFor({ cluster, server, certificateAuthority, certificate, key }: KubeconfigArgs): string {
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: cluster, cluster: { server, "certificate-authority-data": base64(certificateAuthority) } }],
      users: [
        {
          name: cluster,
          user: { "client-certificate-data": base64(certificate), "client-key-data": base64(key) },
        },
      ],
      contexts: [{ name: cluster, context: { cluster, user: cluster } }],
      "current-context": cluster,
    },
    { lineWidth: 0 },
  );
}
