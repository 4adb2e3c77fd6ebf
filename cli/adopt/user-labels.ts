import type { ObservedNode } from "../../fleet/existing/observed-cluster";
import { labels as skerryLabels } from "../../fleet/labels";

/** Domains of labels that infrastructure sets, in addition to those of Kubernetes. Their subdomains count. */
const INFRASTRUCTURE = [
  "k3s.io",
  "cattle.io",
  "rke2.io",
  "aws",
  "amazonaws.com",
  "eksctl.io",
  "karpenter.sh",
  "cloud.google.com",
  "gke.io",
  "azure.com",
  "openebs.io",
  "projectcalico.org",
  "cilium.io",
  "ebs.csi.aws.com",
];

const SKERRY_KEYS: readonly string[] = Object.values(skerryLabels);

function isInfrastructure(key: string): boolean {
  const domain = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  return INFRASTRUCTURE.some((each) => domain === each || domain.endsWith(`.${each}`));
}

/**
 * Returns a function that returns the labels of a node that its team has set. Labels that have another value on each node
 * identify the node, so they are left out.
 *
 * @param mayHave whether a pool may have a label with this key
 */
export function userLabels(
  nodes: readonly ObservedNode[],
  mayHave: (key: string) => boolean,
): (node: ObservedNode) => Record<string, string> {
  const valuesByKey = new Map<string, string[]>();
  for (const [key, value] of nodes.flatMap(({ labels }) => Object.entries(labels))) {
    valuesByKey.set(key, [...(valuesByKey.get(key) ?? []), value]);
  }
  const identifies = (key: string): boolean => {
    const values = valuesByKey.get(key)!;
    return values.length > 1 && new Set(values).size === values.length;
  };
  return ({ labels }) =>
    Object.fromEntries(
      Object.entries(labels)
        .filter(([key]) => !SKERRY_KEYS.includes(key) && !isInfrastructure(key) && mayHave(key) && !identifies(key))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
}
