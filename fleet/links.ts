import type { Fleet, Link, Region } from "./model";

/** Mean radius of the Earth in km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

/** Speed of light in fibre, km per ms: that in vacuum (299.79) through glass of refractive index 1.468 (ITU-T G.652 fibre). */
const FIBRE_KM_PER_MS = 299.792458 / 1.468;

/**
 * How much longer a cable's way is than the great circle: the median over the 90 links of `measured-links.ts`, of which
 * the smallest is 1.30 and the largest 3.45.
 */
const PATH_STRETCH = 1.6;

/** Least estimate in ms: what equipment adds on the shortest way. */
const LEAST_MS = 1;

/** Great-circle distance in km, by the haversine formula. */
export function distanceKm(a: Region, b: Region): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [phiA, phiB] = [radians(a.latitude), radians(b.latitude)];
  const halfLatitude = Math.sin((phiB - phiA) / 2);
  const halfLongitude = Math.sin(radians(b.longitude - a.longitude) / 2);
  const h = halfLatitude ** 2 + Math.cos(phiA) * Math.cos(phiB) * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Round trip in ms, to a tenth: there and back over the distance, at the speed of light in fibre, times the stretch. */
export function estimateRtt(from: Region, to: Region): number {
  const ms = ((2 * distanceKm(from, to)) / FIBRE_KM_PER_MS) * PATH_STRETCH;
  return Math.max(LEAST_MS, Math.round(ms * 10) / 10);
}

/** A link for each ordered pair of a fleet's regions: the stated one, or an estimate that says so. Sorted by name. */
export function linkMatrix({ regions, links }: Pick<Fleet, "regions" | "links">): Link[] {
  const stated = new Map(links.map((link) => [`${link.from}\0${link.to}`, link]));
  const sorted = [...regions].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((from) =>
    sorted
      .filter((to) => to !== from)
      .map(
        (to): Link =>
          stated.get(`${from.name}\0${to.name}`) ?? {
            from: from.name,
            to: to.name,
            rttMs: estimateRtt(from, to),
            basis: "estimated",
            source: `great circle × ${PATH_STRETCH} at the speed of light in fibre`,
          },
      ),
  );
}
