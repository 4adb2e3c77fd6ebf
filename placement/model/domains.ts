import { labels } from "../../fleet/labels";
import type { Domain } from "./constraint";

/** The node label that identifies each kind of domain. */
export const DOMAIN_KEYS: Readonly<Record<Domain, string>> = {
  node: "kubernetes.io/hostname",
  zone: labels.topologyZone,
  region: labels.topologyRegion,
};

/** A node is in one zone, and a zone in one region. */
export const NARROWEST_FIRST: readonly Domain[] = ["node", "zone", "region"];

/** Maps labels with the same meaning to one name: an edge node has two labels for its region. */
export function subjectOf(key: string): string {
  return key === labels.edgeRegion || key === labels.topologyRegion ? "region" : key;
}
