import type { Fleet, Link, Region } from "./model";

/** Mean radius of the Earth in km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

/** Speed of light in fibre in km/ms: the speed in vacuum over the refractive index of ITU-T G.652 fibre. */
const FIBRE_KM_PER_MS = 299.792458 / 1.468;

/**
 * Ratio of a cable's length to the great-circle distance: the median of the 90 links in `measured-links.ts`, which range
 * from 1.30 to 3.45.
 */
const PATH_STRETCH = 1.6;

/** Smallest estimate in ms: the delay of network equipment. */
const MIN_RTT_MS = 1;

/**
 * Returns the great-circle distance in km, by the haversine formula.
 *
 * @param a one end
 * @param b the other end
 */
export function distanceKm(a: Region, b: Region): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [phiA, phiB] = [radians(a.latitude), radians(b.latitude)];
  const halfLatitude = Math.sin((phiB - phiA) / 2);
  const halfLongitude = Math.sin(radians(b.longitude - a.longitude) / 2);
  const h = halfLatitude ** 2 + Math.cos(phiA) * Math.cos(phiB) * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Estimates the round-trip time in ms, to one decimal, from the distance, the speed of light in fiber and the path stretch.
 *
 * @param from region in which the request starts
 * @param to region that answers
 */
export function estimateRtt(from: Region, to: Region): number {
  const ms = ((2 * distanceKm(from, to)) / FIBRE_KM_PER_MS) * PATH_STRETCH;
  return Math.max(MIN_RTT_MS, Math.round(ms * 10) / 10);
}

/** Returns a link for each ordered pair of regions, sorted by name: the fleet's own, or an estimate marked as such. */
export function linkMatrix({ regions, links }: Pick<Fleet, "regions" | "links">): Link[] {
  const declared = new Map(links.map((link) => [`${link.from}\0${link.to}`, link]));
  const sorted = [...regions].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((from) =>
    sorted
      .filter((to) => to !== from)
      .map(
        (to): Link =>
          declared.get(`${from.name}\0${to.name}`) ?? {
            from: from.name,
            to: to.name,
            rttMs: estimateRtt(from, to),
            basis: "estimated",
            source: `great circle × ${PATH_STRETCH} at the speed of light in fibre`,
          },
      ),
  );
}
