import type { Fleet } from "../../fleet/model";
import { linkMatrix } from "../../fleet/links";

/** A ConfigMap holds at most 1 MiB; the rest is left for its metadata. */
const MAX_BYTES = 1_000_000;

/**
 * The fleet's regions and round trips as the scheduler reads them (`links.json`, version 1), one link a line so that a
 * change shows as one line.
 *
 * @throws Error when it does not fit into a ConfigMap (from about 90 regions on)
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
      `regions: the links of ${regions.length} regions take ${bytes} bytes, allowed ${MAX_BYTES} in a ConfigMap: ` +
        "split the fleet, or shorten the sources of its links",
    );
  }
  return text;
}
