import { annotations, EDGE_SCHEDULER, labels } from "../labels";
import type { PodTemplate } from "./pod-template";

/**
 * Returns the regions that a pod requires by its label `required-region` and its annotation `skerry.dev/fallback-regions`,
 * in order of preference; undefined if it has no such label. An annotation with an empty region, or one of them twice, is
 * ignored, as the edge scheduler does.
 *
 * @see runtime/pkg/plugins/edgeproximity
 */
export function readRequiredRegions(metadata: PodTemplate["metadata"]): string[] | undefined {
  const required = metadata?.labels?.[labels.requiredRegion];
  if (!required) return undefined;
  const text = metadata?.annotations?.[annotations.fallbackRegions];
  const fallback = text === undefined ? [] : text.split(",").map((region) => region.trim());
  const regions = [required, ...fallback];
  return regions.includes("") || new Set(regions).size < regions.length ? [required] : regions;
}

/** Returns the regions to which a pod is restricted. Only the edge scheduler honors the label. */
export function requiredRegions({ metadata, spec }: PodTemplate): string[] | undefined {
  return spec.schedulerName === EDGE_SCHEDULER ? readRequiredRegions(metadata) : undefined;
}
