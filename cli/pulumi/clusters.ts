import type { EngineEvent } from "@pulumi/pulumi/automation";

/** A resource in an exported state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** A cluster in the state of a stack, recognized by the Kubernetes provider for its API. */
export interface DeployedCluster {
  readonly name: string;
  /** URN of the cluster's component, or of the provider if a program connects to the cluster without one. */
  readonly urn: string;
  /** URN of the provider. */
  readonly provider: string;
  readonly kubeconfig: string;
}

const KUBERNETES_PROVIDER = "pulumi:providers:kubernetes";

/** Returns a text from an exported state, which has secrets as JSON documents. */
function readText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const secret = (value as { readonly plaintext?: unknown } | undefined)?.plaintext;
  return typeof secret === "string" ? (JSON.parse(secret) as string) : undefined;
}

/**
 * The component of a cluster. Anything else above a provider, such as the whole fleet, has other children too, and a part of a
 * cluster, such as its credentials, has its name as well.
 */
const CLUSTER = /(^|\$)skerry:clusters:(Existing)?Cluster$/;

/** Whether a URN is that of a cluster's component. */
export const isCluster = (urn: string): boolean => CLUSTER.test(urn.split("::")[2] ?? "");

/** Whether a URN is that of the component that upgrades a cluster, which is named `<cluster>-upgrade`. */
export const isUpgrade = (urn: string): boolean =>
  /(^|\$)skerry:clusters:ClusterUpgrade$/.test(urn.split("::")[2] ?? "");

/** Returns the name in a URN. */
export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** Finds the clusters in the exported state of a stack. Providers are named `<cluster>-api`. */
export function findClusters(resources: readonly StateResource[]): DeployedCluster[] {
  return resources.flatMap(({ urn: provider, type, parent, inputs }) => {
    const kubeconfig = type === KUBERNETES_PROVIDER ? readText(inputs?.kubeconfig) : undefined;
    if (kubeconfig === undefined) return [];
    const urn = parent !== undefined && isCluster(parent) ? parent : provider;
    return [{ name: nameOf(provider).replace(/-api$/, ""), urn, provider, kubeconfig }];
  });
}

/** The parent and the provider of each resource that an engine reports. */
export class Ancestry {
  private readonly parents = new Map<string, string>();
  private readonly providers = new Map<string, string>();

  constructor(resources: readonly StateResource[]) {
    for (const { urn, parent } of resources) if (parent !== undefined) this.parents.set(urn, parent);
  }

  readonly onEvent = ({ resourcePreEvent }: EngineEvent): void => {
    if (!resourcePreEvent) return;
    const { urn, provider, new: next, old } = resourcePreEvent.metadata;
    const parent = (next ?? old)?.parent;
    if (parent) this.parents.set(urn, parent);
    if (provider) this.providers.set(urn, provider);
  };

  /** Finds the cluster that a resource belongs to: the one whose API it uses, or else the nearest one above it. */
  findCluster(urn: string, clusters: readonly DeployedCluster[]): DeployedCluster | undefined {
    const provider = this.providers.get(urn) ?? "";
    const used = clusters.find((each) => provider.startsWith(`${each.provider}::`));
    if (used) return used;
    for (let at: string | undefined = urn; at !== undefined; at = this.parents.get(at)) {
      const found = clusters.find((cluster) => cluster.urn === at);
      if (found) return found;
    }
    return undefined;
  }
}
