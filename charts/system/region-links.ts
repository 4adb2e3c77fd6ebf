import type { Fleet } from "../../fleet/model";
import { linkMatrix } from "../../fleet/links";

/** Size limit. A ConfigMap holds at most 1 MiB, including its metadata. */
const MAX_BYTES = 1_000_000;

/**
 * Renders the regions and round-trip times of a fleet as `links.json`, version 1, which the scheduler reads. Each link
 * has its own line, so diffs are small.
 *
 * @throws Error if the file does not fit into a ConfigMap (from about 90 regions)
 */
export function regionLinks(fleet: Fleet): string {
  const lines = (items: readonly object[]) => items.map((item) => `    ${JSON.stringify(item)}`).join(",\n");
  const regions = [...fleet.regions]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, latitude, longitude }) => ({ name, latitude, longitude }));
  const links = linkMatrix(fleet).map(({ from, to, rttMs, basis, source, at }) => ({
    from,
    to,
    rttMs,
    basis,
    source,
    at,
  }));
  const text = `{
  "version": 1,
  "unit": "ms",
  "regions": [
${lines(regions)}
  ],
  "links": [
${lines(links)}
  ]
}
`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    throw new Error(
      `regions: links.json for ${regions.length} regions must be at most ${MAX_BYTES} bytes to fit into a ConfigMap, got ` +
        `${bytes}; split the fleet, or shorten the sources of its links`,
    );
  }
  return text;
}
