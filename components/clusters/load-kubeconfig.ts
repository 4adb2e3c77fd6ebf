import type { KubeConfig } from "@kubernetes/client-node";

/** Parses a kubeconfig. The client is large, so it is loaded only when an operation needs it. */
export async function loadKubeConfig(text: string): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  config.loadFromString(text);
  return config;
}
