import { labels, protectedLabels } from "../labels";

/** Labels in Kubernetes' domains that users set. Source: Kubernetes documentation, "Well-Known Labels, Annotations and Taints". */
const STATABLE: readonly string[] = [
  labels.topologyRegion,
  labels.topologyZone,
  "node.kubernetes.io/exclude-from-external-load-balancers",
];

const CONTROLLER_DOMAIN = protectedLabels.pool.slice(0, protectedLabels.pool.indexOf("/"));

/** Whether a key's prefix is a domain or one below it. */
function within(key: string, domain: string): boolean {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? "" : key.slice(0, slash);
  return prefix === domain || prefix.endsWith(`.${domain}`);
}

const inKubernetesDomain = (key: string): boolean => within(key, "kubernetes.io") || within(key, "k8s.io");

/**
 * Whether no kubelet can write a label, so that its node cannot claim it. Source: Kubernetes documentation, admission
 * plugin NodeRestriction.
 */
export const isProtectedLabel = (key: string): boolean => within(key, "node-restriction.kubernetes.io");

/** Why a node pool must not state a label with this key; undefined where it may. */
export function ownedLabel(key: string): string | undefined {
  if (within(key, CONTROLLER_DOMAIN)) return `keys in the domain ${CONTROLLER_DOMAIN} belong to the node controller`;
  if (isProtectedLabel(key) || STATABLE.includes(key) || !inKubernetesDomain(key)) return undefined;
  return "keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own, or node-restriction.kubernetes.io";
}

/** Why a node pool must not state a taint with this key; undefined where it may. */
export function ownedTaint(key: string): string | undefined {
  return inKubernetesDomain(key)
    ? "keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own"
    : undefined;
}
