import { labels } from "../../fleet/labels";
import type { Domain } from "./constraint";

/** The node label whose values are the domains. */
export const DOMAIN_KEYS: Readonly<Record<Domain, string>> = {
  node: "kubernetes.io/hostname",
  zone: labels.topologyZone,
  region: labels.topologyRegion,
};

/** From the narrowest: a node lies in one zone, a zone in one region. */
export const NARROWEST_FIRST: readonly Domain[] = ["node", "zone", "region"];

/** Labels that say the same of a node go by one name: an edge node's region has two. */
export function subjectOf(key: string): string {
  return key === labels.edgeRegion || key === labels.topologyRegion ? "region" : key;
}
