import type { KubeConfig, KubernetesObject } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** Objects per request, so that large clusters are read in pages. */
const PAGE = 500;

/**
 * Lists all objects of a kind in a cluster, in every namespace.
 *
 * @throws Error if the cluster cannot be reached or does not have the kind
 */
export async function listObjects(config: KubeConfig, apiVersion: string, kind: string): Promise<KubeObject[]> {
  // The client is large, so only programs that connect to clusters load it.
  const { KubernetesObjectApi } = await import("@kubernetes/client-node");
  const api = KubernetesObjectApi.makeApiClient(config);
  const found: KubeObject[] = [];
  let next: string | undefined;
  do {
    const page = await api.list<KubernetesObject>(
      apiVersion,
      kind,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      PAGE,
      next,
    );
    // Dates become text, as in a manifest.
    const items = JSON.parse(JSON.stringify(page.items)) as KubeObject[];
    found.push(...items.map((item) => ({ ...item, apiVersion, kind })));
    next = page.metadata?._continue || undefined;
  } while (next !== undefined);
  return found;
}
