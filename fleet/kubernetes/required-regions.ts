import { annotations, labels } from "../labels";

/** Labels and annotations of a pod. */
interface PodMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Returns the regions to which the edge scheduler restricts a pod, by its label `required-region` and annotation
 * `skerry.dev/fallback-regions`, in order of preference; undefined if it does not. The scheduler ignores an annotation that
 * has an empty region, or one of them twice.
 *
 * @see runtime/pkg/plugins/edgeproximity
 */
export function requiredRegions(pod: PodMetadata): string[] | undefined {
  const required = pod.labels?.[labels.requiredRegion];
  if (!required) return undefined;
  const text = pod.annotations?.[annotations.fallbackRegions];
  const fallback = text === undefined ? [] : text.split(",").map((region) => region.trim());
  const regions = [required, ...fallback];
  return regions.includes("") || new Set(regions).size < regions.length ? [required] : regions;
}
