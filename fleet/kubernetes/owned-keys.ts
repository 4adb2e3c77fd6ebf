import { labels, protectedLabels } from "../labels";

/**
 * Labels in Kubernetes' domains that users may set.
 *
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/
 */
const USER_LABELS: readonly string[] = [
  labels.topologyRegion,
  labels.topologyZone,
  "node.kubernetes.io/exclude-from-external-load-balancers",
];

const CONTROLLER_DOMAIN = protectedLabels.pool.slice(0, protectedLabels.pool.indexOf("/"));

/** Reports whether a key's prefix is a domain or one of its subdomains. */
function isWithin(key: string, domain: string): boolean {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? "" : key.slice(0, slash);
  return prefix === domain || prefix.endsWith(`.${domain}`);
}

const inKubernetesDomain = (key: string): boolean => isWithin(key, "kubernetes.io") || isWithin(key, "k8s.io");

/**
 * Reports whether kubelets cannot write a label, not even on their own node.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export const isProtectedLabel = (key: string): boolean => isWithin(key, "node-restriction.kubernetes.io");

/** Returns why a node pool must not have a label with this key; undefined if it may. */
export function ownedLabel(key: string): string | undefined {
  if (isWithin(key, CONTROLLER_DOMAIN)) return `keys in the domain ${CONTROLLER_DOMAIN} belong to the node controller`;
  if (isProtectedLabel(key) || USER_LABELS.includes(key) || !inKubernetesDomain(key)) return undefined;
  return "keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own, or node-restriction.kubernetes.io";
}

/** Returns why a node pool must not have a taint with this key; undefined if it may. */
export function ownedTaint(key: string): string | undefined {
  return inKubernetesDomain(key)
    ? "keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own"
    : undefined;
}
