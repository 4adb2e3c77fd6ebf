import type { RegionLocation } from "../../report";

/** A point on the page, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An equirectangular projection onto a rectangle of the page. */
export interface Projection {
  readonly width: number;
  readonly height: number;
  /** Pixels per degree of longitude and of latitude. */
  readonly scale: Point;
  /** Longitude of the left edge, and latitude of the top edge, in degrees. */
  readonly west: number;
  readonly north: number;
  project(location: Pick<RegionLocation, "latitude" | "longitude">): Point;
}

/** Least extent of a map in degrees. Land is too coarse for less. */
const LEAST_DEGREES = 14;
/** Share of the map that stays empty around the outermost regions, on each side. */
const MARGIN = 0.1;
/** Heights that suit a page, as shares of the width. */
const HEIGHT = { least: 0.44, most: 0.6 };
/** A map across the antimeridian must save at least this share of the width: readers expect the usual cut. */
const WORTH_A_CUT = 0.3;

/** The narrowest span of longitudes. Its end exceeds 180 if the span crosses the antimeridian. */
function spanLongitudes(locations: readonly RegionLocation[]): { west: number; east: number } {
  const sorted = locations.map(({ longitude }) => longitude).sort((a, b) => a - b);
  const usual = { west: sorted[0]!, east: sorted.at(-1)! };
  const spans = sorted.slice(1).map((west, index) => ({ west, east: sorted[index]! + 360 }));
  const width = ({ west, east }: { west: number; east: number }): number => east - west;
  const best = spans.reduce((one, other) => (width(other) < width(one) ? other : one), usual);
  return width(best) < (1 - WORTH_A_CUT) * width(usual) ? best : usual;
}

/** Fits a map of some regions into a width. A degree of longitude is as long as it is at the middle latitude. */
export function fitProjection(locations: readonly RegionLocation[], width: number): Projection {
  const { west, east } = spanLongitudes(locations);
  const latitudes = locations.map(({ latitude }) => latitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const middle = { longitude: (west + east) / 2, latitude: (south + north) / 2 };
  const shrink = Math.max(0.3, Math.cos((middle.latitude * Math.PI) / 180));
  const extent = {
    x: Math.max((east - west) * shrink, LEAST_DEGREES) / (1 - 2 * MARGIN),
    y: Math.max(north - south, LEAST_DEGREES) / (1 - 2 * MARGIN),
  };
  const height = Math.round(width * Math.min(HEIGHT.most, Math.max(HEIGHT.least, extent.y / extent.x)));
  const perDegree = Math.min(width / extent.x, height / extent.y);
  const scale = { x: perDegree * shrink, y: perDegree };
  const corner = { west: middle.longitude - width / 2 / scale.x, north: middle.latitude + height / 2 / scale.y };
  return {
    width,
    height,
    scale,
    ...corner,
    project: ({ latitude, longitude }) => ({
      x: ((longitude < west ? longitude + 360 : longitude) - corner.west) * scale.x,
      y: (corner.north - latitude) * scale.y,
    }),
  };
}
